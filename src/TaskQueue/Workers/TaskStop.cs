namespace TaskQueue;

/// <summary>
/// The stop of a running task: its claim was taken from the worker that held it, which is to be told. Made in the transaction
/// that ends the claim, whatever ended it: a forced stop, a cleanup, a removal, a recovery, a restore.
/// </summary>
public sealed record TaskStop
{
    public required string TaskId { get; init; }

    /// <summary>The token of the claim that was ended.</summary>
    public required Guid Token { get; init; }

    /// <summary>The worker that held it.</summary>
    public required Guid Worker { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When the worker learned of it.</summary>
    public DateTimeOffset? DeliveredAt { get; init; }

    /// <summary>When the worker said how it ended.</summary>
    public DateTimeOffset? ConfirmedAt { get; init; }

    /// <summary>How it ended; null until it is confirmed.</summary>
    public StopOutcome? Outcome { get; init; }
}

/// <summary>A worker's answer to a stop.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Token">The token of the claim that was ended.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Elapsed">From the delivery to that end.</param>
public sealed record StopReceipt(string TaskId, Guid Token, StopOutcome Outcome, TimeSpan Elapsed);

/// <summary>How the stop of a running task ended at its worker.</summary>
public enum StopOutcome
{
    /// <summary>The handler was not running: it had just ended, or had not begun.</summary>
    NotRunning,

    /// <summary>The handler ended by itself once it was told.</summary>
    Ended,

    /// <summary>The handler was ended: its pipeline stopped, or its processes killed.</summary>
    Killed,

    /// <summary>The handler ignores everything and still runs inside the worker's process, in a slot that is used no more.</summary>
    Ignored,

    /// <summary>A session holds the task: its script decides when to end, and its result is refused.</summary>
    Told,
}
