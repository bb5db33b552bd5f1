using System.Collections.Concurrent;
using System.Diagnostics;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>
/// How far into the indexes of waiting tasks this process has looked already. While any session holds an old snapshot open the server keeps
/// the entries of all tasks claimed since, and each claim would pass over them. A claim may therefore begin where the last one ended; tasks
/// before that place, which come back or were committed late, are found by looking from the beginning every now and then.
/// </summary>
internal sealed class ReadyFloors
{
    public const int Priorities = TaskRules.HighestPriorityNumber - TaskRules.LowestPriorityNumber + 1;

    // Looking from the beginning then costs a twentieth of the time. Without old entries it costs nothing more than any claim.
    private const int Share = 20;

    // From here on a look is not what a claim usually costs, and is taken more seldom: else everybody who claims once a second would take one each time.
    // But it is taken: what comes back before the place waits for it, also where the last look was slow for another reason, such as a lock.
    private static readonly TimeSpan Dear = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Floor> _ready = new(StringComparer.Ordinal);
    private readonly Floor _due = new(1);

    /// <summary>Where to look for ready tasks of a type, by priority, the first being <see cref="TaskRules.LowestPriorityNumber"/>.</summary>
    public Look Ready(string type, bool fromBeginning) => _ready.GetOrAdd(type, _ => new Floor(Priorities)).Begin(fromBeginning);

    /// <summary>Where to look for tasks that have come due: the time of the last look.</summary>
    public Look Due(bool fromBeginning) => _due.Begin(fromBeginning);

    /// <summary>Something before the place has become ready, as far as this process knows: the next claim looks from the beginning.</summary>
    public void Forget()
    {
        foreach (var floor in _ready.Values)
        {
            floor.Forget();
        }
    }

    private static TimeSpan RestAfter(TimeSpan cost)
    {
        var rest = cost * Share * Math.Max(1, cost / Dear);
        return rest < LongestRest ? rest : LongestRest;
    }

    /// <summary>One look.</summary>
    /// <param name="Places">Where it begins: only what lies behind is looked at.</param>
    /// <param name="IsFromBeginning">All there is is looked at.</param>
    /// <param name="End">Takes the places up to which nothing is left, and how long the look took; to be called once what it found is committed.</param>
    public readonly record struct Look(long[] Places, bool IsFromBeginning, Action<long[], TimeSpan> End);

    private sealed class Floor(int places)
    {
        private readonly Lock _gate = new();
        private long[] _reached = new long[places];
        private long _nextLook;
        private int _forgotten;

        public Look Begin(bool fromBeginning)
        {
            lock (_gate)
            {
                var isFromBeginning = fromBeginning || Stopwatch.GetTimestamp() >= _nextLook;
                var forgotten = _forgotten;
                return new Look(
                    isFromBeginning ? new long[places] : [.. _reached],
                    isFromBeginning,
                    (reached, cost) => End(reached, cost, isFromBeginning, forgotten));
            }
        }

        public void Forget()
        {
            lock (_gate)
            {
                _forgotten++;
                _nextLook = 0;
            }
        }

        private void End(long[] reached, TimeSpan cost, bool wasFromBeginning, int forgotten)
        {
            lock (_gate)
            {
                _reached = wasFromBeginning ? reached : [.. _reached.Zip(reached, Math.Max)];
                // What was forgotten during the look may have come behind it.
                if (wasFromBeginning && forgotten == _forgotten)
                {
                    _nextLook = Stopwatch.GetTimestamp() + (long)(RestAfter(cost).TotalSeconds * Stopwatch.Frequency);
                }
            }
        }
    }
}
