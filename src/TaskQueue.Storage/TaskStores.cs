using System.Net;

namespace TaskQueue.Storage;

/// <summary>The one place that opens a store from a location.</summary>
public static class TaskStores
{
    /// <summary>
    /// Opens the queue at a location: that of a PostgreSQL server, or the path of a SQLite file, whichever layout that has.
    /// </summary>
    /// <exception cref="QueueNotFoundException">There is none, and <see cref="StoreOptions.Create"/> was not asked for.</exception>
    /// <exception cref="QueueFormatException">It is no queue, is damaged, or has a newer layout.</exception>
    /// <exception cref="QueueUnavailableException">It is locked, cannot be read or reached, or needs recovery.</exception>
    public static ITaskStore Open(string location, StoreOptions options)
    {
        if (NamesServer(location))
        {
            return OnServer(location, options).Open();
        }

        EnsureNoShare(location);
        return InFile(location, options).Open();
    }

    /// <summary>
    /// Throws if the text names a share of another machine in a way that only Windows knows: elsewhere it would be a file of an odd name,
    /// or one at the root.
    /// </summary>
    public static void EnsureNoShare(string path)
    {
        if (!OperatingSystem.IsWindows()
            && (path.StartsWith(@"\\", StringComparison.Ordinal)
                || (path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("///", StringComparison.Ordinal))))
        {
            throw new TaskValidationException(
                $"'{path}' names a share, which this system does not find by its name.",
                "Mount the share, and give the path below its mount point, such as /mnt/share/queue.db.");
        }
    }

    /// <summary>
    /// What a call that writes needs first: what a dead writer left is rolled back, and an older layout is upgraded after a
    /// backup. Changes nothing on a queue that is in order.
    /// </summary>
    public static void PrepareForWriting(string location, StoreOptions options)
    {
        var writing = options with { Create = false, ForWriting = true };
        if (NamesServer(location))
        {
            OnServer(location, writing).Open().Dispose();
        }
        else
        {
            InFile(location, writing).PrepareForWriting();
        }
    }

    /// <summary>Opens a backup for reading after a check of the whole file, as before a restore.</summary>
    /// <exception cref="QueueNotFoundException">There is none.</exception>
    /// <exception cref="QueueFormatException">The file is damaged.</exception>
    public static ITaskStore OpenBackup(string path, CancellationToken cancellation)
    {
        if (!Path.Exists(path))
        {
            // Without the advice to make one: an empty queue that is restored would remove all tasks.
            throw new QueueNotFoundException(
                $"There is no backup at '{path}'.",
                "Check the path: backups lie beside their queue, those of "
                    + $"a queue on a server in '{BackupNaming.FolderForServers}', unless they were sent elsewhere, as "
                    + "<name>_backup_<time>.db.");
        }

        var store = InFile(path, new StoreOptions()).OpenBackup();
        try
        {
            SqliteBackup.EnsureIntact(store.Info.Queue, cancellation);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The names that belong to a queue: its file, SQLite's files beside it, the operations log of the original's layout.
    /// </summary>
    internal static IReadOnlyList<string> FilesOf(string queue) =>
        [queue, queue + "-wal", queue + "-shm", queue + "-journal", OriginalOperationLog.PathOf(queue)];

    /// <summary>
    /// What a queue takes on the disk with its operations log. The index of SQLite's log does not count: it is memory that looks like a
    /// file.
    /// </summary>
    internal static long BytesOf(string queue) => FilesOf(queue)
        .Where(path => !path.EndsWith("-shm", StringComparison.Ordinal))
        .Select(path => new FileInfo(path))
        .Sum(file => file.Exists ? file.Length : 0);

    /// <summary>True if the location is on a server and no path; also if it is neither, and a password may be in it.</summary>
    public static bool NamesServer(string location) => ServerLocation.Names(location);

    /// <summary>The location as it may be shown: a path as it is, that of a server without secrets.</summary>
    /// <param name="location">A path, or the location of a server, also one that cannot be read.</param>
    /// <param name="credential">The user who is to connect, if the location does not say.</param>
    public static string Show(string location, NetworkCredential? credential = null)
    {
        try
        {
            return NamesServer(location) ? ServerLocation.Parse(location, credential).Queue : location;
        }
        catch (QueueUnavailableException)
        {
            return "a server";
        }
    }

    /// <summary>What whoever connects should know before anything fails; null for nothing.</summary>
    /// <param name="location">A path, or the location of a server, also one that cannot be read.</param>
    /// <param name="credential">The user who is to connect, if the location does not say.</param>
    public static string? WarningOf(string location, NetworkCredential? credential = null)
    {
        try
        {
            return NamesServer(location) && ServerLocation.Parse(location, credential).OpenPasswordFile is { } file
                ? $"The password file '{file}' is passed over: others than its owner may use it. "
                    + $"Take that from them with: chmod 0600 '{file}'"
                : null;
        }
        catch (QueueUnavailableException)
        {
            // Opening it will say what is wrong.
            return null;
        }
    }

    /// <summary>True if both locations name the same queue, on a server as whatever users.</summary>
    /// <exception cref="QueueUnavailableException">One is neither a path nor the location of a server.</exception>
    public static bool SameQueue(string first, string second) => (NamesServer(first), NamesServer(second)) switch
    {
        (true, true) => ServerLocation.Parse(first).IsSameQueue(ServerLocation.Parse(second)),
        (false, false) => string.Equals(
            SqliteFile.Canonical(first),
            SqliteFile.Canonical(second),
            OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private static PostgresOpening OnServer(string location, StoreOptions options) =>
        new(ServerLocation.Parse(location, options.Credential), options, PostgresSchema.Current);

    private static SqliteOpening InFile(string path, StoreOptions options) =>
        new(SqliteFile.Canonical(path), options, SqliteSchema.Current);
}
