namespace TaskQueue.Server;

/// <summary>
/// Carries out the changes that operators ask for. For one task a refusal is an error; for several, each refusal is listed.
/// </summary>
internal sealed class TaskChanges(QueueAccess queue, QueueMetrics metrics)
{
    /// <summary>Applies one change, and returns its outcome.</summary>
    /// <exception cref="TaskQueueException">The change was refused.</exception>
    public TaskOutcome Apply(TaskChange change, NewOperation operation, Func<QueueTask, string?> advice, CancellationToken cancellation)
    {
        var outcome = ApplyAll([change], operation, cancellation)[0];
        return outcome.Kind is TaskOutcomeKind.Applied ? outcome : throw Refusal(outcome, advice);
    }

    /// <summary>The task that <see cref="Apply"/> would change, as it is now.</summary>
    /// <exception cref="TaskQueueException">The change would be refused.</exception>
    public QueueTask Predict(TaskChange change, Func<QueueTask, string?> advice, CancellationToken cancellation)
    {
        TaskRules.CheckId(change.Id);
        var store = queue.ForReading();
        store.EnsureSupports(change);
        var outcome = store.Predict(change, cancellation);
        return outcome.Kind is TaskOutcomeKind.Applied ? outcome.Task! : throw Refusal(outcome, advice);
    }

    /// <summary>Applies all changes in one transaction, and returns an outcome for each.</summary>
    public IReadOnlyList<TaskOutcome> ApplyAll(IReadOnlyList<TaskChange> changes, NewOperation operation, CancellationToken cancellation)
    {
        var store = queue.ForWriting();
        foreach (var change in changes)
        {
            TaskRules.CheckId(change.Id);
        }

        var outcomes = store.Change(changes, operation, cancellation);
        metrics.Count(operation, outcomes.Count(outcome => outcome.Kind is TaskOutcomeKind.Applied));
        return outcomes;
    }

    /// <summary>The answer for several tasks.</summary>
    public static BatchAnswer Answer(
        IReadOnlyList<TaskOutcome> outcomes, NewOperation operation, string done, Func<QueueTask, string?> advice)
    {
        var refused = outcomes
            .Where(outcome => outcome.Kind is not TaskOutcomeKind.Applied)
            .Select(outcome => Refusal(outcome, advice))
            .ToList();
        var applied = outcomes.Count - refused.Count;
        return new BatchAnswer(
            applied > 0,
            $"{applied} of {Quantity.Of(outcomes.Count, "task", "tasks")} {done}.",
            applied,
            refused.Count,
            refused.Count == 0 ? null : [.. refused.Select(AdviceText.Sentences)],
            applied > 0 ? operation.Id : null);
    }

    private static TaskQueueException Refusal(TaskOutcome outcome, Func<QueueTask, string?> advice) =>
        TaskRefusal.Of(outcome, whenChanged: "Read it again, then decide.", whenRefused: advice);
}
