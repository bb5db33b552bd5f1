using System.Diagnostics;

namespace TaskQueue.Storage;

/// <summary>The server's clock without asking for it: what the server said last, plus the time since. It holds for a second.</summary>
internal sealed class ServerClock
{
    private static readonly TimeSpan Holds = TimeSpan.FromSeconds(1);

    private volatile Look? _last;

    /// <summary>Null if the last look is too old.</summary>
    public DateTimeOffset? Now
    {
        get
        {
            if (_last is not { } last)
            {
                return null;
            }

            var passed = Stopwatch.GetElapsedTime(last.At);
            // The stopwatch stands still while the machine sleeps; the machine's clock does not.
            var passedByClock = DateTime.UtcNow - last.AtByClock;
            return passed < Holds && passedByClock < Holds && passedByClock >= TimeSpan.Zero
                ? last.Said.AddMilliseconds(Math.Floor(passed.TotalMilliseconds))
                : null;
        }
    }

    /// <summary>The server has just said what time it is.</summary>
    public void Set(DateTimeOffset said) => _last = new Look(said, Stopwatch.GetTimestamp(), DateTime.UtcNow);

    /// <summary>The next answer may come from another server.</summary>
    public void Forget() => _last = null;

    private sealed record Look(DateTimeOffset Said, long At, DateTime AtByClock);
}
