namespace TaskQueue;

/// <summary>
/// retry → retry, due as soon as was meant. It is for a retry that was written while the clock was ahead, so that the moment at which it
/// began to wait lies in the future. What an operator has decided since is left alone, and so is a wait that is longer than a worker's own.
/// </summary>
/// <param name="Id">The task's exact id.</param>
/// <param name="Longest">The longest wait before a retry that the caller knows.</param>
public sealed record BringBackRetry(string Id, TimeSpan Longest) : TaskChange(Id)
{
    /// <summary>From here on a time in the future is no small difference between two clocks.</summary>
    public static readonly TimeSpan LeastLead = TimeSpan.FromMinutes(1);

    public override string Kind => "bring back";

    public override bool NeedsPayload => false;

    public override LayoutFeatures Requires => LayoutFeatures.DueTimes;

    /// <summary>The wait that was meant, if the task is one to bring back; else null.</summary>
    public static TimeSpan? WaitOf(QueueTask task, DateTimeOffset now, TimeSpan longest) =>
        task is { Status: QueueTaskStatus.Retry, StateSince: { } since, DueAt: { } due }
        && since - now >= LeastLead
        // An operator's due time has no such relation to the moment at which the task began to wait.
        && due >= since
        && due - since <= longest
            ? due - since
            : null;

    protected override Transition Decide(QueueTask before, DateTimeOffset now)
    {
        if (before.Status is not QueueTaskStatus.Retry)
        {
            return Transition.Refused(TaskOutcomeKind.WrongStatus);
        }

        return WaitOf(before, now, Longest) is { } wait
            ? Transition.To(before.ToRetry(now, wait), Kind) with
            {
                EventDetails =
                    $"it began to wait {Duration.FormatAge(before.StateSince!.Value - now)} in the future: the clock was ahead then",
            }
            : Transition.Refused(TaskOutcomeKind.Superseded);
    }
}
