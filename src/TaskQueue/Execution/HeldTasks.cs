using System.Collections.Concurrent;

namespace TaskQueue;

/// <summary>All tasks that a worker or a session holds, by the token of their claim.</summary>
internal sealed class HeldTasks
{
    private readonly ConcurrentDictionary<Guid, HeldTask> _tasks = [];
    private readonly HeldLoad _load = new();

    // Guards the two fields below, and what is decided by them.
    private readonly Lock _gate = new();
    private HashSet<Guid> _claiming = [];
    private readonly HashSet<Guid> _refused = [];

    public ICollection<HeldTask> All => _tasks.Values;

    public int Count => _tasks.Count;

    /// <summary>How many wait for a slot, and how many run in one; the others wait only for their outcome to be committed.</summary>
    public (int Waiting, int Running) Load => _load.Now;

    /// <summary>True while a handler runs or is to run.</summary>
    public bool HasActive => Load is not (0, 0);

    public bool IsEmpty => _tasks.IsEmpty;

    /// <summary>Announces the tokens of a claim. From its commit on, a stop may arrive for them before their tasks are added.</summary>
    public void BeginClaim(IEnumerable<Guid> tokens)
    {
        lock (_gate)
        {
            _claiming = [.. tokens];
            _refused.Clear();
        }
    }

    /// <summary>The tasks of the claim have been added.</summary>
    public void EndClaim() => BeginClaim([]);

    /// <summary>False if a stop came for it already: then it never begins.</summary>
    public bool TryAdd(HeldTask held)
    {
        lock (_gate)
        {
            if (_refused.Contains(held.Token) || !_tasks.TryAdd(held.Token, held))
            {
                return false;
            }

            held.CountIn(_load);
            return true;
        }
    }

    /// <summary>Takes back what waits for a slot: it never begins here, and is no longer counted.</summary>
    public List<HeldTask> TakeBackWaiting() => [.. All.Where(held => held.TryTakeBack())];

    public void Remove(HeldTask held) => _tasks.TryRemove(held.Token, out _);

    /// <summary>The task of this claim. Null if it is not held; then it never will be.</summary>
    public HeldTask? FindOrRefuse(Guid token)
    {
        lock (_gate)
        {
            if (_tasks.TryGetValue(token, out var held))
            {
                return held;
            }

            if (_claiming.Contains(token))
            {
                _refused.Add(token);
            }

            return null;
        }
    }

    /// <summary>True for a claim whose task is held, or may be in a moment.</summary>
    public bool Knows(Guid token)
    {
        lock (_gate)
        {
            return _tasks.ContainsKey(token) || _claiming.Contains(token);
        }
    }
}
