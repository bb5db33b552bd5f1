namespace TaskQueue.Storage;

/// <summary>How the numbers of tasks of each type and status change in the present transaction.</summary>
internal sealed class CountChanges
{
    private readonly Dictionary<(string Type, string Status), long> _changes = [];

    /// <summary>Type, status and by how many; never by none.</summary>
    public IEnumerable<(string Type, string Status, long Tasks)> All => _changes
        .Where(change => change.Value != 0)
        .Select(change => (change.Key.Type, change.Key.Status, change.Value));

    /// <summary>Forgets what a transaction that was rolled back has left.</summary>
    public void Clear() => _changes.Clear();

    public void Added(QueueTask task) => Add(task, 1);

    public void Removed(QueueTask task) => Add(task, -1);

    public void Changed(QueueTask before, QueueTask after)
    {
        if (before.StatusText != after.StatusText || before.Type != after.Type)
        {
            Removed(before);
            Added(after);
        }
    }

    private void Add(QueueTask task, long number)
    {
        var key = (task.Type, task.StatusText);
        _changes[key] = _changes.GetValueOrDefault(key) + number;
    }
}
