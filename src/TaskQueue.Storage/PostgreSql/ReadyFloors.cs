using System.Collections.Concurrent;
using System.Diagnostics;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>
/// How far into the index of ready tasks this process has claimed already. While any session holds an old snapshot open the server keeps
/// the entries of all tasks claimed since, and each claim would pass over them. A claim may therefore begin behind the last one; tasks
/// before that place, which come back or were committed late, are found by looking from the beginning every now and then.
/// </summary>
internal sealed class ReadyFloors
{
    public const int Priorities = TaskRules.HighestPriorityNumber - TaskRules.LowestPriorityNumber + 1;

    // Looking from the beginning then costs a twentieth of the time at most. Without old entries it costs nothing more than any claim.
    private const int Share = 20;

    private readonly ConcurrentDictionary<string, Floor> _floors = new(StringComparer.Ordinal);

    /// <summary>Where to look: the last key claimed of each priority, the first being that of <see cref="TaskRules.LowestPriorityNumber"/>; zeros from the beginning.</summary>
    public long[] Of(string type, bool fromBeginning)
    {
        var floor = _floors.GetOrAdd(type, _ => new Floor());
        lock (floor)
        {
            return fromBeginning || floor.IsLookDue ? new long[Priorities] : [.. floor.Last];
        }
    }

    /// <summary>Something before the place has become ready, as far as this process knows: the next claim looks from the beginning.</summary>
    public void Forget()
    {
        foreach (var floor in _floors.Values)
        {
            lock (floor)
            {
                floor.NextLook = 0;
            }
        }
    }

    /// <summary>Remembers what a committed claim has found, and what it cost.</summary>
    public void Saw(string type, long[] places, IEnumerable<TaskRow> claimed, TimeSpan cost)
    {
        var floor = _floors.GetOrAdd(type, _ => new Floor());
        lock (floor)
        {
            if (Array.TrueForAll(places, place => place == 0))
            {
                Array.Clear(floor.Last);
                floor.NextLook = Stopwatch.GetTimestamp() + (long)(cost.TotalSeconds * Share * Stopwatch.Frequency);
            }

            foreach (var (seq, task) in claimed)
            {
                var index = task.Priority - TaskRules.LowestPriorityNumber;
                floor.Last[index] = Math.Max(floor.Last[index], seq);
            }
        }
    }

    private sealed class Floor
    {
        public long[] Last { get; } = new long[Priorities];

        public long NextLook { get; set; }

        public bool IsLookDue => Stopwatch.GetTimestamp() >= NextLook;
    }
}
