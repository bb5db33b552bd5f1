using Microsoft.Data.Sqlite;
using TaskQueue.Storage.Original;
using TaskQueue.Storage.Sqlite;

namespace TaskQueue.Storage;

/// <summary>The one place that opens a store from a location.</summary>
public static class TaskStores
{
    /// <summary>Opens the queue in the SQLite file at <paramref name="path"/>, whichever layout it has.</summary>
    /// <exception cref="QueueNotFoundException">There is none, and <see cref="StoreOptions.Create"/> was not asked for.</exception>
    /// <exception cref="QueueFormatException">It is no queue, is damaged, or has a newer layout.</exception>
    /// <exception cref="QueueUnavailableException">It is locked, cannot be read, or needs recovery.</exception>
    public static ITaskStore Open(string path, StoreOptions options)
    {
        path = SqliteFile.Canonical(path);
        try
        {
            if (options.Create)
            {
                SqliteTaskStore.CreateIfMissing(path, options, SqliteSchema.Current);
            }

            SqliteFile.EnsureQueueFile(path);
            if (options.ForWriting)
            {
                SqliteFile.EnsureWritable(path);
            }

            return LayoutOf(path, options) switch
            {
                QueueLayout.Original => new OriginalTaskStore(path, options),
                _ => OpenOwn(path, options),
            };
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Translate(error, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new QueueUnavailableException($"'{path}' cannot be used: {error.Message}", "Check the path and the access rights.", error);
        }
    }

    /// <summary>Opens a queue for reading after a check of the whole file, as before a restore.</summary>
    /// <exception cref="QueueFormatException">The file is damaged.</exception>
    public static ITaskStore OpenChecked(string path, CancellationToken cancellation)
    {
        var store = Open(path, new StoreOptions());
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

    /// <summary>True if both locations name the same queue.</summary>
    public static bool SameQueue(string first, string second) => string.Equals(
        SqliteFile.Canonical(first),
        SqliteFile.Canonical(second),
        OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);

    private static SqliteTaskStore OpenOwn(string path, StoreOptions options)
    {
        if (options.ForWriting)
        {
            SqliteTaskStore.Upgrade(path, options, SqliteSchema.Current);
        }

        return new SqliteTaskStore(path, options, SqliteSchema.Current);
    }

    private static QueueLayout LayoutOf(string path, StoreOptions options)
    {
        var busy = new SqliteBusy(path, options.Timeout, CancellationToken.None);
        using var session = SqliteSession.Open(path, writable: options.ForWriting);
        // Automatic backups of an original file carry our mark, so the tables decide first.
        return busy.Run(() => OriginalTaskTable.IsIn(session)) ? QueueLayout.Original : QueueLayout.TaskQueue;
    }
}
