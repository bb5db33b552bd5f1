using System.Collections.Concurrent;

namespace TaskQueue;

/// <summary>All tasks a worker holds, by the token of their claim.</summary>
internal sealed class HeldTasks
{
    private readonly ConcurrentDictionary<Guid, HeldTask> _tasks = [];

    public ICollection<HeldTask> All => _tasks.Values;

    public int Count => _tasks.Count;

    /// <summary>How many wait for a slot, and how many run in one; the others wait only for their outcome to be committed.</summary>
    public (int Waiting, int Running) Load
    {
        get
        {
            var (waiting, running) = (0, 0);
            foreach (var (_, held) in _tasks)
            {
                waiting += held.IsWaiting ? 1 : 0;
                running += held.IsRunning ? 1 : 0;
            }

            return (waiting, running);
        }
    }

    /// <summary>True while a handler runs or is to run.</summary>
    public bool HasActive => Load is not (0, 0);

    public bool IsEmpty => _tasks.IsEmpty;

    public void Add(HeldTask held) => _tasks[held.Token] = held;

    public void Remove(HeldTask held) => _tasks.TryRemove(held.Token, out _);

    public HeldTask? Find(Guid token) => _tasks.GetValueOrDefault(token);
}
