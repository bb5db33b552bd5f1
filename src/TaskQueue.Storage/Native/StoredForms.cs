namespace TaskQueue.Storage;

/// <summary>How times stand in our own tables.</summary>
internal static class StoredForms
{
    /// <summary>Unix milliseconds.</summary>
    public static long ToStored(this DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
