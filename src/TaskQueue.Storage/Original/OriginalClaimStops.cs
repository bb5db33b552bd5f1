namespace TaskQueue.Storage;

/// <summary>There are no stops: the original's worker cannot be reached from outside.</summary>
internal sealed class OriginalClaimStops : ClaimStops
{
    public override bool Add(SqlSession session, QueueTask before) => false;

    public override void AddForAllRunning(SqlSession session)
    {
    }

    public override void NoteRefusal(SqlSession session, string taskId, Guid token)
    {
    }

    public override IReadOnlyList<Guid> UntoldWorkers(SqlSession session) => [];

    public override (RunningReturn How, string Note) RunningReturnOf(
        SqlSession session, QueueTask before, IReadOnlySet<Guid> living, bool forChange) =>
        (RunningReturn.AsItWas, "as before: nothing tells whether the original's worker goes on with it");

    public override void Withdraw(SqlSession session, QueueTask before)
    {
    }
}
