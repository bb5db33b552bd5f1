namespace TaskQueue;

/// <summary>What to say of a change that was not applied to a task.</summary>
public static class TaskRefusal
{
    /// <summary>The error of an outcome that is not Applied.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="whenMissing">What to do where there is no such task.</param>
    /// <param name="whenChanged">What to do where the task changed since it was read.</param>
    /// <param name="whenRefused">What to do where its status does not allow the change.</param>
    public static TaskQueueException Of(
        TaskOutcome outcome,
        string? whenMissing = null,
        string? whenChanged = null,
        Func<QueueTask, string?>? whenRefused = null) => outcome switch
    {
        { Kind: TaskOutcomeKind.NotFound } => new TaskNotFoundException($"There is no task '{outcome.Id}'.", whenMissing),
        { Kind: TaskOutcomeKind.Superseded } => new TaskStateException(
            $"Task '{outcome.Id}' changed since it was read; it is {Describe(outcome.Task!)} now. It was left alone.", whenChanged),
        _ => new TaskStateException($"Task '{outcome.Id}' is {Describe(outcome.Task!)}.", whenRefused?.Invoke(outcome.Task!)),
    };

    private static string Describe(QueueTask task) => task switch
    {
        { Status: QueueTaskStatus.Running, Age: { } age } =>
            $"running ({Duration.FormatAge(age)}" + (task.Worker is { } worker ? $" on {worker})" : ")"),
        _ => task.StatusText,
    };
}
