namespace TaskQueue.Storage;

/// <summary>The clock of a queue in a file: the machine's.</summary>
internal static class SqliteClock
{
    /// <summary>In whole milliseconds, so that a time is the same before and after it was stored.</summary>
    public static DateTimeOffset Now(StoreOptions options) =>
        DateTimeOffset.FromUnixTimeMilliseconds((options.Time ?? TimeProvider.System).GetUtcNow().ToUnixTimeMilliseconds());
}
