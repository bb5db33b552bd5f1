namespace TaskQueue;

/// <summary>Answers for workers that were killed: another process of their machine ends what they had begun to end.</summary>
public static class DeadWorkers
{
    /// <summary>
    /// Ends the processes that a worker, proven gone, has left running of tasks that were stopped, and confirms those stops in its name.
    /// </summary>
    /// <param name="store">The queue.</param>
    /// <param name="worker">The worker; it must be proven gone, or its own answers are lost.</param>
    /// <param name="operation">Whose doing it is, for the log.</param>
    /// <param name="cancellation">Ends it between two tasks.</param>
    public static void AnswerFor(ITaskStore store, Guid worker, NewOperation operation, CancellationToken cancellation)
    {
        var receipts = new List<StopReceipt>();
        foreach (var stop in store.Workers.TakeStops(worker, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            var outcome = TaskProcesses.KillLeftBehind([stop.Token]) > 0 ? StopOutcome.Killed : StopOutcome.NotRunning;
            receipts.Add(new StopReceipt(stop.TaskId, stop.Token, outcome, TimeSpan.Zero));
        }

        if (receipts.Count > 0)
        {
            store.Workers.ConfirmStops(receipts, operation, cancellation);
        }
    }
}
