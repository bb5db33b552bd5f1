namespace TaskQueue;

/// <summary>pending, retry (due) → running. Every claim carries a new random token: the fence against late answers.</summary>
/// <param name="Id">The task's exact id.</param>
/// <param name="Token">The token of the new claim.</param>
/// <param name="Worker">The worker's name.</param>
/// <param name="LeaseTime">From now until the lease expires.</param>
/// <param name="WorkerId">Which start of the worker.</param>
/// <param name="Begins">
/// The worker begins with it at once: this write says so, and no other need follow. A suspect never does, since it has to run alone.
/// </param>
public sealed record ClaimTask(string Id, Guid Token, string Worker, TimeSpan LeaseTime, Guid? WorkerId = null, bool Begins = true)
    : TaskChange(Id)
{
    public override string Kind => "claim";

    public override LayoutFeatures Requires => LayoutFeatures.Claims;

    protected override Transition Decide(QueueTask before, DateTimeOffset now)
    {
        if (before.Status is QueueTaskStatus.Running && before.ClaimToken == Token)
        {
            return Transition.AlreadyApplied;
        }

        if (before.Gate is not TaskGate.Open)
        {
            return Transition.Refused(TaskOutcomeKind.WrongStatus);
        }

        // A token is new with each claim. If the row still has it, that claim was released or has failed. A late repetition of the call
        // must not start an attempt: nobody would run it, and the answers of the old claim would match.
        if (before.ClaimToken == Token)
        {
            return Transition.Refused(TaskOutcomeKind.Superseded);
        }

        return Transition.To(before.Enter(QueueTaskStatus.Running, now) with
        {
            // A task that was due stays due, even if the clock has been set back since.
            DueAt = before.DueAt > now ? now : before.DueAt,
            Attempt = before.Attempt + 1,
            ClaimToken = Token,
            Worker = Worker,
            WorkerId = WorkerId,
            StartedAt = now,
            BegunAt = Begins && !before.RecoveryHistory.IsSuspect(now) ? now : null,
            HeartbeatAt = now,
            LeaseExpiresAt = now + LeaseTime,
            Progress = null,
            ProgressMessage = null,
            ProgressAt = now,
        });
    }
}
