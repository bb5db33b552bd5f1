namespace TaskQueue.Tests;

/// <summary>A clock on which whoever waits is awake again at once, as late as he wanted.</summary>
internal sealed class SkippingTime : TimeProvider
{
    private long _ticks;

    /// <summary>How long was waited in all, by those who asked for it.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>How much longer each wait takes than was asked for.</summary>
    public TimeSpan Oversleep { get; init; }

    /// <summary>Called with each wait, while it lasts.</summary>
    public Action? Waiting { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waited += dueTime;
        Interlocked.Add(ref _ticks, (dueTime + Oversleep).Ticks);
        Waiting?.Invoke();
        return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
