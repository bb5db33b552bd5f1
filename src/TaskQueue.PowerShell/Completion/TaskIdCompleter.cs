namespace TaskQueue.PowerShell;

/// <summary>Completes task ids.</summary>
public sealed class TaskIdCompleter : TaskCompleter
{
    protected override string? CompletionOf(QueueTask task) => task.Id;

    protected override string TipOf(QueueTask task) =>
        $"{task.Type}, {task.StatusText}" + (task.Age is { } age ? $", {Duration.FormatAge(age)}" : null);
}
