namespace TaskQueue.Storage;

/// <summary>
/// Facts about a database file, without opening it. Only SQLite itself opens one in this process: on POSIX, closing any other handle of the
/// file would drop SQLite's locks.
/// </summary>
internal static class SqliteFile
{
    private static readonly Lock Creation = new();

    /// <summary>Throws unless there is a file that may hold a queue.</summary>
    public static void EnsureQueueFile(string path)
    {
        if (Directory.Exists(path))
        {
            throw SqliteErrors.NotAQueue(path, "it is a folder");
        }

        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new QueueNotFoundException(
                $"There is no queue at '{path}'.", new Advice.CreateQueueAt(path));
        }

        if (file.Length == 0)
        {
            throw SqliteErrors.NotAQueue(path, "the file is empty");
        }
    }

    /// <summary>Throws if the file is marked read-only: also for a user such as root, whom the system would let write it.</summary>
    public static void EnsureWritable(string path)
    {
        if (File.GetAttributes(path).HasFlag(FileAttributes.ReadOnly))
        {
            throw new QueueUnavailableException($"'{path}' is read-only.", "Give yourself write access to the file and its folder.");
        }
    }

    /// <summary>Makes an empty file that only its owner can read: SQLite gives its sidecar files the same rights.</summary>
    public static void CreateOwnerOnly(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(path, options).Dispose();
    }

    /// <summary>
    /// The same where others may make it at this moment. To be called before SQLite opens the file, also if it is there: the
    /// handle of a thread that is making it would drop the locks SQLite takes meanwhile.
    /// </summary>
    public static void CreateOwnerOnlyIfMissing(string path)
    {
        lock (Creation)
        {
            if (!File.Exists(path))
            {
                try
                {
                    CreateOwnerOnly(path);
                }
                catch (IOException) when (File.Exists(path))
                {
                    // Another process was faster.
                }
            }
        }
    }

    /// <summary>Makes the folder of a file, for its owner only where it is new.</summary>
    public static void CreateFolderOf(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new QueueUnavailableException(
                $"The folder '{folder}' cannot be made: {error.Message}",
                "Choose another place for the file, or get the right to write there.", error);
        }
    }

    /// <summary>Full, with every link on the way followed: the same file has one name in this process.</summary>
    public static string Canonical(string path)
    {
        var full = Path.GetFullPath(path);
        var root = Path.GetPathRoot(full)!;
        var parts = full[root.Length..].Split(
            [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        return parts.Aggregate(root, (folder, part) => Followed(Path.Combine(folder, part)));
    }

    private static string Followed(string path)
    {
        var target = Directory.Exists(path) ? Directory.ResolveLinkTarget(path, returnFinalTarget: true)
            : File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)
            : null;
        // The target's own folders may be links again.
        return target is null ? path : Canonical(target.FullName);
    }
}
