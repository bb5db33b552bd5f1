namespace TaskQueue.PowerShell;

/// <summary>Completes task types.</summary>
public sealed class TaskTypeCompleter : QueueCompleter
{
    protected override string? CompletionOf(QueueTask task) => task.Type;

    protected override string TipOf(QueueTask task) => task.Type;
}
