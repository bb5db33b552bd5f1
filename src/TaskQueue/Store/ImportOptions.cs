namespace TaskQueue;

/// <summary>How tasks of another queue are taken over.</summary>
public sealed record ImportOptions
{
    public RunningTasks Running { get; init; }

    /// <summary>A task that is here already is updated as long as nothing changed it since it was imported.</summary>
    public bool UpdateUntouched { get; init; }
}

/// <summary>What becomes of tasks that run in the queue they come from. Their claims are never carried over.</summary>
public enum RunningTasks
{
    /// <summary>Back to pending.</summary>
    Requeue,

    /// <summary>Failed, with a message that says so.</summary>
    Fail,

    /// <summary>They stay in running without a live claim, to be judged here.</summary>
    Keep,
}
