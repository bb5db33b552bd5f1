namespace TaskQueue.Storage;

/// <summary>How a task that was running can come back.</summary>
internal enum RunningReturn
{
    /// <summary>Running just as it was: no known worker held it, and nobody can say that it runs no more.</summary>
    AsItWas,

    /// <summary>Running under its claim, which holds again: its worker lives, and knows nothing of the stop.</summary>
    WithItsClaim,

    /// <summary>Pending: its worker is gone, or ends it because it knows of the stop.</summary>
    Pending,
}
