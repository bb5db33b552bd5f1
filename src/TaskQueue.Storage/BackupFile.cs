using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using TaskQueue.Storage.Sqlite;

namespace TaskQueue.Storage;

/// <summary>
/// The file of a backup, whatever queue it is made of: written under a temporary name for its owner only, checked, and only then given
/// its name.
/// </summary>
internal static class BackupFile
{
    private static readonly string[] Sidecars = ["-wal", "-journal"];

    /// <summary>Makes the file.</summary>
    /// <param name="queue">The queue it is made of.</param>
    /// <param name="request">Where it goes.</param>
    /// <param name="fill">Writes it to an empty file and checks it; returns how many tasks it holds.</param>
    /// <param name="cancellation">Ends it and leaves nothing behind.</param>
    public static BackupResult Make(string queue, BackupRequest request, Func<string, long> fill, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        EnsureDestination(queue, request);
        var partial = $"{request.Path}.{Guid.NewGuid():N}.partial";
        try
        {
            SqliteFile.CreateOwnerOnly(partial);
            var tasks = fill(partial);
            File.Move(partial, request.Path, request.Overwrite);
            return new BackupResult(request.Path, queue, new FileInfo(request.Path).Length, tasks, clock.Elapsed);
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_INTERRUPT && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Translate(error, queue);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new QueueUnavailableException($"The backup '{request.Path}' cannot be written: {error.Message}", "Choose another place for it.", error);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static void EnsureDestination(string queue, BackupRequest request)
    {
        if (Directory.Exists(request.Path))
        {
            throw new TaskValidationException($"'{request.Path}' is a folder.", "Give the path of the backup file.");
        }

        if (File.Exists(request.Path) && !request.Overwrite)
        {
            throw new TaskValidationException($"'{request.Path}' is there already.", "Choose another name; only Backup-TaskQueue replaces a file, with -Force.");
        }

        if (TaskStores.FilesOf(queue).Contains(SqliteFile.Canonical(request.Path)))
        {
            throw new TaskValidationException($"'{request.Path}' is a name that belongs to the queue itself.", "Choose another name.");
        }

        // SQLite would take what lies there for a part of the backup, and damage it.
        if (Sidecars.Select(suffix => request.Path + suffix).FirstOrDefault(File.Exists) is { } sidecar)
        {
            throw new TaskValidationException(
                $"'{sidecar}' is there: a database of that name is in use, or a process died while writing it.", "Choose another name for the backup.");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(request.Path))!;
        if (folder == BackupNaming.FolderForServers)
        {
            SqliteFile.CreateFolderOf(request.Path);
        }

        if (!Directory.Exists(folder))
        {
            throw new TaskValidationException($"The folder '{folder}' does not exist.", "Make it, or choose another place for the backup.");
        }
    }
}
