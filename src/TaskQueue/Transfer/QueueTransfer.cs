using System.Diagnostics;

namespace TaskQueue;

/// <summary>Moves tasks with their full state between queues: copy and restore are this one mechanism.</summary>
public static class QueueTransfer
{
    /// <summary>
    /// Copies all tasks, and their history. A rerun goes on where an earlier one ended and updates what changed only in the source. Once
    /// all tasks are copied there is a result: a history that could not be is a warning of it.
    /// </summary>
    /// <param name="source">Where the tasks are.</param>
    /// <param name="destination">Where they go.</param>
    /// <param name="running">What becomes of running ones at the destination; the source keeps them as they are.</param>
    /// <param name="operation">The operation for the destination's log.</param>
    /// <param name="rejected">Called for each task that no queue of ours can hold, with the reason; the others go on.</param>
    /// <param name="progress">Called with the number of tasks read so far.</param>
    /// <param name="cancellation">Ends the copy between two batches.</param>
    public static CopyResult Copy(
        ITaskStore source,
        ITaskStore destination,
        RunningTasks running,
        NewOperation operation,
        Action<QueueTask, TaskValidationException> rejected,
        Action<long> progress,
        CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var options = new ImportOptions { Running = running, UpdateUntouched = true };
        var counts = new Dictionary<ImportOutcomeKind, long>();
        long read = 0, wasRunning = 0;
        foreach (var batch in Acceptable(source.Read(new TaskQuery(), cancellation), options, rejected).InBatches())
        {
            foreach (var (task, outcome) in batch.Zip(destination.Import(batch, options, operation, cancellation)))
            {
                counts[outcome.Kind] = counts.GetValueOrDefault(outcome.Kind) + 1;
                wasRunning += task.Status is QueueTaskStatus.Running
                    && outcome.Kind is (ImportOutcomeKind.Added or ImportOutcomeKind.Updated) ? 1 : 0;
            }

            read += batch.Count;
            progress(read);
        }

        // After the tasks: an interrupted copy has then at least what counts.
        var afterwards = new AfterCommit();
        var events = afterwards.Try(
            "The history could not be copied; repeated, the copy goes on with it", 0L,
            () => HistoryTransfer.Copy(source.History, destination.History, cancellation));
        cancellation.ThrowIfCancellationRequested();
        return new CopyResult
        {
            Source = source.Info.Queue,
            Destination = destination.Info.Queue,
            Added = counts.GetValueOrDefault(ImportOutcomeKind.Added),
            Updated = counts.GetValueOrDefault(ImportOutcomeKind.Updated),
            Unchanged = counts.GetValueOrDefault(ImportOutcomeKind.Unchanged),
            Skipped = counts.GetValueOrDefault(ImportOutcomeKind.Touched) + counts.GetValueOrDefault(ImportOutcomeKind.Duplicate),
            WasRunning = wasRunning,
            Events = events,
            Warnings = afterwards.Warnings,
            Elapsed = clock.Elapsed,
        };
    }

    /// <summary>
    /// Replaces all tasks of <paramref name="destination"/> by those of <paramref name="backup"/>; returns how many there are now. The
    /// destination's history stays, and gets what only the backup knows, as where the queue was lost; if that fails,
    /// <paramref name="afterwards"/> has a warning.
    /// </summary>
    public static long Restore(
        ITaskStore backup, ITaskStore destination, RunningTasks running, NewOperation operation, AfterCommit afterwards,
        CancellationToken cancellation)
    {
        var count = destination.ReplaceAll(backup, new ImportOptions { Running = running }, operation, cancellation);
        afterwards.Try(
            "What only the backup's history knows could not be taken over",
            () => HistoryTransfer.Copy(backup.History, destination.History, cancellation));
        return count;
    }

    /// <summary>
    /// Tasks that a worker holds by an unexpired lease: while there are any, a restore would pull the queue from under it. One whose
    /// process is proven gone holds nothing.
    /// </summary>
    public static IReadOnlyList<QueueTask> HeldByLiveWorkers(ITaskStore store, CancellationToken cancellation)
    {
        var now = store.Now;
        var workers = new WorkerDirectory(store);
        var held = new TaskQuery
        {
            Statuses = [QueueTaskStatus.Running],
            Matches = task => task.LeaseExpiresAt > now,
            IncludePayload = false,
        };
        return [.. store.Read(held, cancellation).Where(task => workers.LivenessOf(task, cancellation).State is not LivenessState.Gone)];
    }

    private static IEnumerable<QueueTask> Acceptable(
        IEnumerable<QueueTask> tasks, ImportOptions options, Action<QueueTask, TaskValidationException> rejected)
    {
        foreach (var task in tasks)
        {
            try
            {
                ImportPreparation.Validate(task, options.Running);
            }
            catch (TaskValidationException error)
            {
                rejected(task, error);
                continue;
            }

            yield return task;
        }
    }
}
