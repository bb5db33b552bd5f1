using TaskQueue.Storage.Sqlite;

namespace TaskQueue.Storage;

/// <summary>The backups that commands make by themselves before they change something.</summary>
public sealed class AutomaticBackups(ITaskStore store)
{
    /// <summary>How many are kept where nobody says otherwise.</summary>
    public const int UsuallyKept = 10;

    /// <summary>Makes one.</summary>
    /// <param name="path">The file to write, or a folder for it; null for the usual folder.</param>
    /// <param name="cancellation">Ends the copy and leaves nothing behind.</param>
    public BackupResult Make(string? path, CancellationToken cancellation)
    {
        if (!TaskStores.NamesServer(store.Info.Queue))
        {
            // Before a change that cannot be made, a backup would only be litter.
            SqliteFile.EnsureWritable(store.Info.Queue);
        }

        var file = BackupNaming.Resolve(store.Info.Queue, path, store.Now.ToLocalTime());
        return store.Backup(new BackupRequest(file, IsAutomatic: true), cancellation);
    }

    /// <summary>
    /// Deletes the oldest automatic backups of this queue beside <paramref name="made"/>, so that <paramref name="keep"/> are left with it;
    /// returns those deleted. To be called once the change is committed that the backup was made for.
    /// </summary>
    public IReadOnlyList<string> Prune(BackupResult made, int keep)
    {
        var queue = store.Info.Queue;
        // By the time of writing: names carry local times, which repeat and go back.
        var surplus = BackupNaming.Existing(queue, Path.GetDirectoryName(made.Path)!)
            .Where(path => path != made.Path && SqliteBackup.IsAutomatic(path, queue))
            .OrderByDescending(File.GetLastWriteTimeUtc)
            .Skip(keep - 1)
            .ToList();
        surplus.ForEach(File.Delete);
        return surplus;
    }
}
