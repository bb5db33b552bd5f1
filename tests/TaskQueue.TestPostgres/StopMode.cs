namespace TaskQueue.TestPostgres;

/// <summary>How a server is stopped.</summary>
public enum StopMode
{
    /// <summary>In order: transactions are rolled back, clients told.</summary>
    Fast,

    /// <summary>As if the power had failed: the next start recovers from the log.</summary>
    Crash,
}
