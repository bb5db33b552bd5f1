namespace TaskQueue.Storage;

/// <summary>What workers are told of the claims that others have ended, and whether such a claim can hold again.</summary>
internal abstract class ClaimStops
{
    /// <summary>
    /// Leaves a stop for the worker that held <paramref name="before"/>, whose claim is ended in the present transaction. False if there is
    /// no such worker, or the layout knows none.
    /// </summary>
    public abstract bool Add(SqlSession session, QueueTask before);

    /// <summary>The same for all tasks that are running: to be called before they are replaced.</summary>
    public abstract void AddForAllRunning(SqlSession session);

    /// <summary>
    /// Notes that a worker's result or release was refused. The worker knows now that its claim is over, and holds the task no more.
    /// </summary>
    public abstract void NoteRefusal(SqlSession session, string taskId, Guid token);

    /// <summary>The workers that have not been told of a stop.</summary>
    public abstract IReadOnlyList<Guid> UntoldWorkers(SqlSession session);

    /// <summary>How a task that was running can come back, and why so, in words.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="before">The task as it was.</param>
    /// <param name="living">The workers that live.</param>
    /// <param name="forChange">The answer is to hold until the end of the transaction.</param>
    public abstract (RunningReturn How, string Note) RunningReturnOf(
        SqlSession session, QueueTask before, IReadOnlySet<Guid> living, bool forChange);

    /// <summary>Withdraws the stop of <paramref name="before"/>, in the transaction that makes its claim hold again.</summary>
    public abstract void Withdraw(SqlSession session, QueueTask before);
}
