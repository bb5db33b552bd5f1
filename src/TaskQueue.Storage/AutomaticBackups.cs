using TaskQueue.Storage.Sqlite;

namespace TaskQueue.Storage;

/// <summary>The backups that commands make by themselves before they change something.</summary>
public sealed class AutomaticBackups(ITaskStore store)
{
    /// <summary>Makes one.</summary>
    /// <param name="path">The file to write, or a folder for it; null for the folder of the queue.</param>
    /// <param name="cancellation">Ends the copy and leaves nothing behind.</param>
    public BackupResult Make(string? path, CancellationToken cancellation)
    {
        // Before a change that cannot be made, a backup would only be litter.
        SqliteFile.EnsureWritable(store.Info.Queue);
        var file = BackupNaming.Resolve(store.Info.Queue, path, store.Now.ToLocalTime());
        return store.Backup(new BackupRequest(file, IsAutomatic: true), cancellation);
    }

    /// <summary>Deletes the oldest automatic backups of this queue in <paramref name="folder"/> beyond the newest <paramref name="keep"/>; returns those deleted.</summary>
    public IReadOnlyList<string> Prune(string folder, int keep)
    {
        // A file of that name that a person or the original service made does not carry our mark: it is not ours to delete.
        var surplus = BackupNaming.Existing(store.Info.Queue, folder).Where(SqliteBackup.IsAutomatic).SkipLast(keep).ToList();
        surplus.ForEach(File.Delete);
        return surplus;
    }
}
