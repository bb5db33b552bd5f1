namespace TaskQueue.PowerShell;

/// <summary>Completes a word from the running tasks, which people look for when nothing moves, and from the newest.</summary>
public abstract class TaskCompleter : QueueCompleter
{
    // Tab must feel instant. This many rows are read in a few milliseconds, however large the queue.
    private const int RowsRead = 1000;

    /// <summary>The completion that a task offers; null for none.</summary>
    protected abstract string? CompletionOf(QueueTask task);

    protected abstract string TipOf(QueueTask task);

    /// <summary>Whether the command can do anything with the task.</summary>
    protected virtual bool Suits(string command, QueueTask task) => true;

    internal sealed override IEnumerable<(string Text, string Tip)> CandidatesOf(
        ITaskStore store, string command, CancellationToken cancellation)
    {
        var newest = new TaskQuery { Limit = RowsRead, NewestFirst = true, IncludePayload = false };
        return store.Read(newest with { Statuses = [QueueTaskStatus.Running], NewestFirst = false }, cancellation)
            .Concat(store.Read(newest, cancellation))
            .Where(task => CompletionOf(task) is not null && Suits(command, task))
            .Select(task => (CompletionOf(task)!, TipOf(task)));
    }
}
