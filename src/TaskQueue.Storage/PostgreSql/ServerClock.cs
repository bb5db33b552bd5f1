using System.Diagnostics;

namespace TaskQueue.Storage;

/// <summary>
/// The server's clock without asking for it: what the server said last, plus the time since it was asked. It holds for a second. It may be
/// ahead of the server's by as long as the question took to get there, and is never behind: what ends does so after it has begun.
/// </summary>
internal sealed class ServerClock
{
    private static readonly TimeSpan Holds = TimeSpan.FromSeconds(1);

    // The server may have read its clock at any time until its answer came.
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromMilliseconds(50);

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

    /// <summary>The server has just answered what time it is.</summary>
    /// <param name="said">What it said.</param>
    /// <param name="askedAt">When it was asked, by the stopwatch.</param>
    public void Set(DateTimeOffset said, long askedAt)
    {
        var took = Stopwatch.GetElapsedTime(askedAt);
        if (took <= LongestAnswer)
        {
            _last = new Look(said, askedAt, DateTime.UtcNow - took);
        }
    }

    /// <summary>The next answer may come from another server.</summary>
    public void Forget() => _last = null;

    private sealed record Look(DateTimeOffset Said, long At, DateTime AtByClock);
}
