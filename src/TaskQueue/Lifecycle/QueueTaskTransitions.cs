namespace TaskQueue;

/// <summary>The moves that several rows of the transition table share.</summary>
internal static class QueueTaskTransitions
{
    /// <summary>Enters a status: the age starts again, and what was judged of the former status no longer holds.</summary>
    public static QueueTask Enter(this QueueTask task, QueueTaskStatus status, DateTimeOffset now) => task with
    {
        Status = status,
        StatusText = status.ToText(),
        Gate = null,
        StateSince = now,
        Age = TimeSpan.Zero,
        Verdict = null,
        Evidence = null,
    };

    /// <summary>What a task waits for that is due at a time; null in a layout without due times. The one place that decides it.</summary>
    public static TaskGate GateUntil(DateTimeOffset? due, DateTimeOffset now) => due > now ? TaskGate.NotDue : TaskGate.Open;

    /// <summary>Waits until <paramref name="due"/>, which may have come.</summary>
    public static QueueTask WaitUntil(this QueueTask task, DateTimeOffset? due, DateTimeOffset now) =>
        task with { DueAt = due, Gate = GateUntil(due, now) };

    /// <summary>
    /// What a task waits for that comes back from the log, the trash or another queue: its time may have come since it was written there.
    /// </summary>
    public static QueueTask WaitAgain(this QueueTask task, DateTimeOffset now) =>
        task.Status.IsWaiting() ? task.WaitUntil(task.DueAt, now) : task with { Gate = null };

    /// <summary>Ends the claim, so that the worker that held it can no longer write: its token matches no row.</summary>
    public static QueueTask EndClaim(this QueueTask task) =>
        task with { ClaimToken = null, LeaseExpiresAt = null };

    /// <summary>Back to pending, to be claimed after a delay; what the last attempt left behind is cleared.</summary>
    public static QueueTask ToPending(this QueueTask task, DateTimeOffset now, TimeSpan delay = default) =>
        task.Enter(QueueTaskStatus.Pending, now).WaitUntil(now + delay, now).EndClaim() with
        {
            StartedAt = null,
            BegunAt = null,
            HeartbeatAt = null,
            CompletedAt = null,
            Progress = null,
            ProgressMessage = null,
            ProgressAt = null,
        };

    /// <summary>Waits for its next try.</summary>
    public static QueueTask ToRetry(this QueueTask task, DateTimeOffset now, TimeSpan delay = default) =>
        task.Enter(QueueTaskStatus.Retry, now).WaitUntil(now + delay, now);

    /// <summary>Counts that an attempt which had begun was taken back.</summary>
    public static QueueTask CountRecovery(this QueueTask task, DateTimeOffset now) =>
        task with { Recoveries = task.Recoveries + 1, RecoveryHistory = task.RecoveryHistory.With(now, hadBegun: true) };

    /// <summary>Back to pending with a clean slate; the attempt goes on counting.</summary>
    public static QueueTask ToRestarted(this QueueTask task, DateTimeOffset now, TimeSpan delay) => task.ToPending(now, delay) with
    {
        RetryCount = 0,
        Recoveries = 0,
        RecoveryHistory = default,
        ErrorMessage = null,
        ResultJson = null,
    };

    /// <summary>An end state that was forced from outside the worker.</summary>
    public static QueueTask ToForcedFailure(this QueueTask task, string errorMessage, DateTimeOffset now) =>
        task.Enter(QueueTaskStatus.Failed, now).EndClaim() with { ErrorMessage = errorMessage, CompletedAt = now };
}
