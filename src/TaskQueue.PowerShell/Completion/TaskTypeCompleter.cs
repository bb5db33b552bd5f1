namespace TaskQueue.PowerShell;

/// <summary>Completes task types.</summary>
public sealed class TaskTypeCompleter : TaskCompleter
{
    protected override string? CompletionOf(QueueTask task) => task.Type;

    protected override string TipOf(QueueTask task) => task.Type;
}
