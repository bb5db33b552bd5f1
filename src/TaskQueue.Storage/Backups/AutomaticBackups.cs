using System.Collections.Concurrent;
using System.Diagnostics;

namespace TaskQueue.Storage;

/// <summary>The backups that an operation makes by itself before it changes something. To be made when the operation begins.</summary>
public sealed class AutomaticBackups(ITaskStore store)
{
    /// <summary>How many are kept where nobody says otherwise.</summary>
    public const int UsuallyKept = 10;

    /// <summary>
    /// How long a backup of another process stays, however few are to be kept. Its operation may still be waiting for a lock, and the
    /// report that names it may just have been read.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    // When the operations of this process ended that made these files, by the monotonic clock.
    private static readonly ConcurrentDictionary<string, long> Ended = new(StringComparer.Ordinal);

    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>Makes one.</summary>
    /// <param name="path">The file to write, or a folder for it; null for the usual folder.</param>
    /// <param name="cancellation">Ends the copy and leaves nothing behind.</param>
    public BackupResult Make(string? path, CancellationToken cancellation)
    {
        if (!TaskStores.NamesServer(store.Info.Queue))
        {
            // Checked first: before a change that cannot be made, a backup would only be litter.
            SqliteFile.EnsureWritable(store.Info.Queue);
        }

        return store.Backup(
            BackupNaming.Resolve(store.Info.Queue, path, store.Now.ToLocalTime()) with { IsAutomatic = true }, cancellation);
    }

    /// <summary>
    /// Deletes the oldest automatic backups of this queue beside <paramref name="made"/>, so that <paramref name="keep"/> are left with it.
    /// To be called once the change is committed that the backup was made for: whatever fails here is a warning. What another operation has
    /// just made stays.
    /// </summary>
    public PrunedBackups Prune(BackupResult made, int keep)
    {
        var afterwards = new AfterCommit();
        var deleted = new List<string>();
        var surplus = afterwards.Try<IReadOnlyList<string>>("Old backups could not be looked for", [], () => Surplus(made, keep));
        foreach (var path in surplus)
        {
            var name = Path.GetFileName(path);
            if (afterwards.Try($"The old backup '{name}' could not be deleted", () => Delete(path)))
            {
                deleted.Add(path);
            }
        }

        Ended[made.Path] = Stopwatch.GetTimestamp();
        return new PrunedBackups(deleted, afterwards.Warnings);
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Callers of the server learn the names of backups, not their folders.
            throw new QueueUnavailableException(
                error.Message.Replace(path, Path.GetFileName(path), StringComparison.Ordinal), inner: error);
        }

        _ = Ended.TryRemove(path, out _);
    }

    private List<string> Surplus(BackupResult made, int keep)
    {
        var queue = store.Info.Queue;
        var written = File.GetLastWriteTimeUtc(made.Path);
        // By the time of writing: the local times in names repeat and go back.
        return
        [
            .. BackupNaming.Existing(queue, Path.GetDirectoryName(made.Path)!)
                .Where(path => path != made.Path && SqliteBackup.IsAutomatic(path, queue))
                .Select(path => (Path: path, Written: File.GetLastWriteTimeUtc(path)))
                .OrderByDescending(backup => backup.Written)
                .Skip(keep - 1)
                .Where(backup => IsOver(backup.Path, written - backup.Written))
                .Select(backup => backup.Path),
        ];
    }

    /// <summary>
    /// True unless the operation that made it may still run, or ran beside this one. For operations of this process that is known. For
    /// others the age decides, by the clock of the disk.
    /// </summary>
    private bool IsOver(string path, TimeSpan age) => Ended.TryGetValue(path, out var ended) ? ended < _began : age > Grace;
}
