namespace TaskQueue.Storage.Sqlite;

/// <summary>How values that are not numbers or texts stand in our own tables.</summary>
internal static class StoredForms
{
    /// <summary>Unix milliseconds.</summary>
    public static long ToStored(this DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    /// <summary>16 bytes, in the order they are written in.</summary>
    public static byte[] ToStored(this Guid identifier) => identifier.ToByteArray(bigEndian: true);
}
