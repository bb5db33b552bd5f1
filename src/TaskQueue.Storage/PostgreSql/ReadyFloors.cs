using System.Collections.Concurrent;
using System.Diagnostics;

namespace TaskQueue.Storage;

/// <summary>
/// How far this process has already looked into the indexes of waiting tasks: a place for each priority of each type. While any session
/// holds an old snapshot open, the server keeps the index entries of all tasks claimed since, and each claim would pass over them. So a
/// claim may begin where the last one ended. Tasks before that place came back, were committed late, or were locked by another session; an
/// occasional look from the beginning finds them.
/// </summary>
internal sealed class ReadyFloors
{
    public const int Priorities = TaskRules.HighestPriorityNumber - TaskRules.LowestPriorityNumber + 1;

    // So a look from the beginning takes a twentieth of the time. Without old entries it costs no more than any claim.
    private const int Share = 20;

    // A look that takes longer than this is rare: otherwise everybody who claims once a second would take one each time. It is still taken,
    // since tasks before the place wait for it, and since the last look may have been slow for another reason, such as a lock.
    private static readonly TimeSpan Dear = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Floor[]> _ready = new(StringComparer.Ordinal);
    private readonly Floor _due = new(priority: 0);

    /// <summary>
    /// Where to look for ready tasks: type by type, and of each by priority, <see cref="TaskRules.LowestPriorityNumber"/> first.
    /// </summary>
    public List<Look> Ready(IEnumerable<string> types, bool fromBeginning) =>
        [.. types.SelectMany(FloorsOf).Select(floor => floor.Begin(fromBeginning))];

    /// <summary>Where to look for tasks that have come due: the time of the last look.</summary>
    public Look Due(bool fromBeginning) => _due.Begin(fromBeginning);

    /// <summary>A task before the place has become ready, as far as this process knows: the next claim looks from the beginning.</summary>
    public void Forget(string type, int priority)
    {
        if (priority is >= TaskRules.LowestPriorityNumber and <= TaskRules.HighestPriorityNumber)
        {
            FloorsOf(type)[priority - TaskRules.LowestPriorityNumber].Forget();
        }
    }

    /// <summary>The same for tasks of which it is not known what they are.</summary>
    public void Forget()
    {
        foreach (var floor in _ready.Values.SelectMany(floors => floors))
        {
            floor.Forget();
        }
    }

    private Floor[] FloorsOf(string type) =>
        _ready.GetOrAdd(
            type, _ => [.. Enumerable.Range(TaskRules.LowestPriorityNumber, Priorities).Select(priority => new Floor(priority))]);

    private static TimeSpan RestAfter(TimeSpan cost)
    {
        var rest = cost * Share * Math.Max(1, cost / Dear);
        return rest < LongestRest ? rest : LongestRest;
    }

    /// <summary>One look.</summary>
    public readonly struct Look
    {
        private readonly Floor _floor;
        private readonly int _forgotten;

        internal Look(Floor floor, long place, bool isFromBeginning, int forgotten)
        {
            _floor = floor;
            _forgotten = forgotten;
            Place = place;
            IsFromBeginning = isFromBeginning;
        }

        /// <summary>Of ready tasks, which are looked at.</summary>
        public int Priority => _floor.Priority;

        /// <summary>Where it begins: only what lies behind is looked at.</summary>
        public long Place { get; }

        /// <summary>All there is is looked at.</summary>
        public bool IsFromBeginning { get; }

        /// <summary>To be called once what it found is committed, and not at all for a priority that it did not come to.</summary>
        /// <param name="reached">The place up to which nothing is left.</param>
        /// <param name="cost">How long it took.</param>
        public void End(long reached, TimeSpan cost) => _floor.End(reached, cost, IsFromBeginning, _forgotten);
    }

    internal sealed class Floor(int priority)
    {
        private readonly Lock _gate = new();
        private long _reached;
        private long _nextLook;
        private int _forgotten;

        public int Priority => priority;

        public Look Begin(bool fromBeginning)
        {
            lock (_gate)
            {
                var isFromBeginning = fromBeginning || Stopwatch.GetTimestamp() >= _nextLook;
                return new Look(this, isFromBeginning ? 0 : _reached, isFromBeginning, _forgotten);
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

        public void End(long reached, TimeSpan cost, bool wasFromBeginning, int forgotten)
        {
            lock (_gate)
            {
                _reached = wasFromBeginning ? reached : Math.Max(_reached, reached);
                // A task that was forgotten during the look may have come behind it.
                if (wasFromBeginning && forgotten == _forgotten)
                {
                    _nextLook = Stopwatch.GetTimestamp() + (long)(RestAfter(cost).TotalSeconds * Stopwatch.Frequency);
                }
            }
        }
    }
}
