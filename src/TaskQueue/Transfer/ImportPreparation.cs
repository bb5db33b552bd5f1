namespace TaskQueue;

/// <summary>Makes a task of another queue fit to be put into this one.</summary>
public static class ImportPreparation
{
    public const string FailedMessage = "Was running when its queue was copied or restored";

    /// <summary>
    /// The task as it is to be stored at <paramref name="now"/>; throws <see cref="TaskValidationException"/> if no queue should hold it.
    /// </summary>
    public static QueueTask Prepare(QueueTask task, ImportOptions options, DateTimeOffset now)
    {
        Validate(task, options.Running);
        return WithoutClaim(task, options.Running, now);
    }

    /// <summary>The task without the claim it had where it comes from, and what becomes of one that was running.</summary>
    public static QueueTask WithoutClaim(QueueTask task, RunningTasks running, DateTimeOffset now)
    {
        // A claim is never carried over: its worker could not be fenced off from two queues at once. Nor does the worker's life say
        // anything of a task it no longer holds; its name stays, for people.
        var imported = task with
        {
            Gate = null, ClaimToken = null, WorkerId = null, BegunAt = null, ProgressAt = null, Verdict = null, Evidence = null,
            Remark = null,
        };
        if (imported.Status is not QueueTaskStatus.Running)
        {
            return (imported with { LeaseExpiresAt = null }).WaitAgain(now);
        }

        return running switch
        {
            RunningTasks.Requeue => imported.ToPending(now),
            RunningTasks.Fail => imported.ToForcedFailure(FailedMessage, now),
            _ =>
                imported with
                {
                    LeaseExpiresAt = imported.LeaseExpiresAt < now ? imported.LeaseExpiresAt : imported.LeaseExpiresAt is null ? null : now,
                },
        };
    }

    /// <summary>Throws <see cref="TaskValidationException"/> if no queue should hold the task.</summary>
    public static void Validate(QueueTask task, RunningTasks running)
    {
        TaskRules.CheckId(task.Id);
        TaskRules.CheckType(task.Type);
        TaskRules.CheckPriority(task.Priority);
        TaskRules.CheckMaxRetries(task.MaxRetries);
        if (task.Status is QueueTaskStatus.Unknown)
        {
            var status = task.StatusText.Length > 0 ? task.StatusText : $"{task.Status}";
            throw new TaskValidationException(
                $"Task '{task.Id}' has the status '{status}', which this product does not know.",
                $"Give it one of {string.Join(", ", StatusNames.All.Select(status => status.ToText()))}.")
                {
                    Field = nameof(QueueTask.Status),
                };
        }

        if (task.RetryCount is < 0 or > TaskRules.LargestCount
            || task.Attempt is < 0 or > TaskRules.LargestCount
            || task.Recoveries is < 0 or > TaskRules.LargestCount)
        {
            throw new TaskValidationException(
                $"Task '{task.Id}' has a RetryCount, Attempt or Recoveries out of range.", $"Give 0 to {TaskRules.LargestCount}.");
        }

        TaskRules.CheckProgress(task.Progress);
        if (task.Status is QueueTaskStatus.Running && running is RunningTasks.Keep && task.StateSince is null)
        {
            throw new TaskValidationException(
                $"Task '{task.Id}' is running and has no StartedAt.",
                "Give StartedAt, from which its age counts.") { Field = nameof(QueueTask.StartedAt) };
        }
    }
}
