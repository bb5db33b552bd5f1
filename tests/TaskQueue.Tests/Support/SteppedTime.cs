namespace TaskQueue.Tests;

/// <summary>A monotonic clock that stands still until it is told to go on. The wall clock is the machine's.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private long _passed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _passed);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _passed, by.Ticks);
}
