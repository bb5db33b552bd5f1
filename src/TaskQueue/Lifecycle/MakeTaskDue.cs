namespace TaskQueue;

/// <summary>
/// pending, retry: the time has come, and from now on the task can be claimed. Our own stores do it to many rows with one statement, before
/// a claim. A test holds that statement to this change.
/// </summary>
/// <param name="Id">The task's exact id.</param>
public sealed record MakeTaskDue(string Id) : TaskChange(Id)
{
    public override string Kind => "due";

    // What an operator has read of it still holds.
    public override bool BumpsRevision => false;

    public override bool NeedsPayload => false;

    public override LayoutFeatures Requires => LayoutFeatures.DueTimes;

    protected override Transition Decide(QueueTask before, DateTimeOffset now) => before switch
    {
        { Gate: null } => Transition.Refused(TaskOutcomeKind.WrongStatus),
        { Gate: not TaskGate.NotDue } => Transition.AlreadyApplied,
        _ when before.DueAt > now => Transition.Refused(TaskOutcomeKind.Superseded),
        _ => Transition.To(before with { Gate = TaskGate.Open }),
    };
}
