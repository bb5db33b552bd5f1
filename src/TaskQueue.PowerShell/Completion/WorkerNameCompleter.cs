namespace TaskQueue.PowerShell;

/// <summary>Completes the names of workers that hold or held a task.</summary>
public sealed class WorkerNameCompleter : TaskCompleter
{
    protected override string? CompletionOf(QueueTask task) => task.Worker;

    protected override string TipOf(QueueTask task) => task.Worker!;
}
