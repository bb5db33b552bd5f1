namespace TaskQueue;

/// <summary>What a change would do, for dry runs.</summary>
public static class ChangePrediction
{
    /// <summary>The outcome that the change would have now, with the task as it stands before it; changes nothing.</summary>
    public static TaskOutcome Predict(this ITaskStore store, TaskChange change, CancellationToken cancellation)
    {
        var task = store.Find(change.Id, cancellation);
        return task is null
            ? new TaskOutcome(change.Id, TaskOutcomeKind.NotFound, null)
            : new TaskOutcome(change.Id, change.Apply(task, store.Now).Outcome, task);
    }
}
