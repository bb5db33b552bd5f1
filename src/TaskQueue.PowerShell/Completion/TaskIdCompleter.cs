namespace TaskQueue.PowerShell;

/// <summary>Completes the ids of tasks that the command does not refuse.</summary>
public sealed class TaskIdCompleter : TaskCompleter
{
    protected override string? CompletionOf(QueueTask task) => task.Id;

    // Also tasks that only -Force allows, since -Force may be typed behind the id.
    protected override bool Suits(string command, QueueTask task) => command switch
    {
        "Stop-QueueTask" => task.Status.IsWaiting() || task.Status is QueueTaskStatus.Running,
        "Set-QueueTask" => task.Status.IsWaiting(),
        "Restart-QueueTask" => task.Status.IsFinished(),
        _ => true,
    };

    protected override string TipOf(QueueTask task) =>
        $"{task.Type}, {task.StatusText}" + (task.Age is { } age ? $", {Duration.FormatAge(age)}" : null);
}
