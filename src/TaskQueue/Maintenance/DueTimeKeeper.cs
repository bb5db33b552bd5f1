namespace TaskQueue;

/// <summary>
/// Brings back retries that a clock which was ahead has put off, perhaps for days. On a thread of its own; any live worker does it for all.
/// </summary>
/// <param name="worker">The worker.</param>
/// <param name="store">The queue, which it maintains.</param>
internal sealed class DueTimeKeeper(ClaimHolder worker, ITaskStore store)
    : WorkerThread("TaskQueue due times", "Due times cannot be looked at", worker)
{
    private const int LargestBatch = 500;

    // A retry is seldom due sooner, and a look reads all waiting retries.
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    // How soon a step of the clock is noticed. Only after one is there anything new to find.
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly LeaseClock _clock = new(worker.Options.Time);
    private long? _lookedAt;

    protected override TimeSpan Work()
    {
        if (_lookedAt is { } looked && Holder.Options.Time.GetElapsedTime(looked) < Period && !_clock.HaveParted)
        {
            return Step;
        }

        var mark = _clock.Mark();
        _lookedAt = mark.Timestamp;
        BringBack();
        _clock.Renewed(mark);
        return Step;
    }

    private void BringBack()
    {
        var now = store.Now;
        var longest = Holder.Options.Backoff.Longest;
        var ahead = new TaskQuery
        {
            Statuses = [QueueTaskStatus.Retry],
            // By the store's clock: the retries that began to wait in the future.
            NewerThan = -BringBackRetry.LeastLead,
            Matches = task => BringBackRetry.WaitOf(task, now, longest) is not null,
            IncludePayload = false,
        };
        foreach (var batch in store.Read(ahead, CancellationToken.None).Chunk(LargestBatch))
        {
            var changes = batch.Select(task => new BringBackRetry(task.Id, longest));
            var outcomes = store.Change([.. changes], Holder.Operation, CancellationToken.None);
            if (outcomes.Count(outcome => outcome.Kind is TaskOutcomeKind.Applied) is > 0 and var count)
            {
                var counted = Quantity.Of(count, "retry was", "retries were");
                var due = FormattableString.Invariant($"{batch[0].DueAt:yyyy-MM-dd HH:mm:ss} UTC");
                Holder.Warn(
                    $"{counted} put off by a clock that was ahead, such as that of '{batch[0].Id}', due at {due}: "
                    + "brought back to the wait that was meant.");
            }
        }
    }
}
