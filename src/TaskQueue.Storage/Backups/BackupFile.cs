using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace TaskQueue.Storage;

/// <summary>
/// The file of a backup, whatever queue it is made of: written under a temporary name for its owner only, checked, and only then given
/// its name.
/// </summary>
internal static class BackupFile
{
    /// <summary>Makes the file.</summary>
    /// <param name="queue">The queue it is made of.</param>
    /// <param name="request">Where it goes.</param>
    /// <param name="fill">Writes it to an empty file and checks it; returns how many tasks it holds.</param>
    /// <param name="cancellation">Ends it and leaves nothing behind.</param>
    public static BackupResult Make(string queue, BackupRequest request, Func<string, long> fill, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        EnsureDestination(queue, request);
        var path = request.Path;
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            SqliteFile.CreateOwnerOnly(partial);
            var tasks = fill(partial);
            // Measured before the file has its name: from then on another operation may prune it.
            var bytes = new FileInfo(partial).Length;
            while (!TryName(partial, path, request))
            {
                path = BackupNaming.Next(path);
            }

            return new BackupResult(path, queue, bytes, tasks, clock.Elapsed);
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Translate(error, queue, cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new QueueUnavailableException(
                $"The backup '{request.Path}' cannot be written: {error.Message}", "Choose another place for it.", error);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Gives the finished file its name; false if that is taken and the next one will do.</summary>
    private static bool TryName(string partial, string path, BackupRequest request)
    {
        if (request is { Overwrite: true, IsNumbered: false })
        {
            File.Move(partial, path, overwrite: true);
            return true;
        }

        if ((!request.IsNumbered || BackupNaming.IsFree(path)) && TryMove(partial, path))
        {
            return true;
        }

        return request.IsNumbered ? false : throw Taken(path);
    }

    /// <summary>Renames a file unless there is one of the new name; false if there is, whoever made it and however late.</summary>
    private static bool TryMove(string from, string to)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                File.Move(from, to);
                return true;
            }
            catch (IOException) when (Path.Exists(to))
            {
                return false;
            }
        }

        // Elsewhere File.Move checks whether the name is free and then renames, which would replace a file that came between. So an empty
        // file takes the name first; only one process can make it.
        try
        {
            SqliteFile.CreateOwnerOnly(to);
        }
        catch (IOException) when (Path.Exists(to))
        {
            return false;
        }

        try
        {
            File.Move(from, to, overwrite: true);
            return true;
        }
        catch
        {
            File.Delete(to);
            throw;
        }
    }

    private static TaskValidationException Taken(string path) =>
        new($"'{path}' is there already.", new Advice.RenameBackup());

    private static void EnsureDestination(string queue, BackupRequest request)
    {
        if (!request.IsNumbered && Directory.Exists(request.Path))
        {
            throw new TaskValidationException($"'{request.Path}' is a folder.", "Give the path of the backup file.");
        }

        if (!request.IsNumbered && !request.Overwrite && File.Exists(request.Path))
        {
            throw Taken(request.Path);
        }

        if (TaskStores.FilesOf(queue).Contains(SqliteFile.Canonical(request.Path)))
        {
            throw new TaskValidationException($"'{request.Path}' is a name that belongs to the queue itself.", "Choose another name.");
        }

        // SQLite would take a file of this name for a part of the backup, and damage it.
        if (!request.IsNumbered && BackupNaming.Sidecars.Select(suffix => request.Path + suffix).FirstOrDefault(File.Exists) is { } sidecar)
        {
            throw new TaskValidationException(
                $"'{sidecar}' is there: a database of that name is in use, or a process died while writing it.",
                "Choose another name for the backup.");
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
