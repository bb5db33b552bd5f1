using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TaskQueue.Storage.Sqlite;

/// <summary>
/// A verified copy of a database by SQLite's online backup: written under a temporary name for its owner only, checked, and
/// only then given its name.
/// </summary>
/// <param name="source">The database.</param>
/// <param name="timeout">How long to wait for a lock.</param>
/// <param name="holdsSnapshot">
/// WAL: one read transaction over the whole copy, which hinders nobody. On a rollback journal it would make writers wait, so
/// there the lock is dropped between two steps, and a write in between makes the copy start again by itself.
/// </param>
/// <param name="table">The table whose rows are counted in the finished copy.</param>
/// <param name="plainId">The application_id of a queue of this layout.</param>
internal sealed class SqliteBackup(string source, TimeSpan timeout, bool holdsSnapshot, string table, long plainId)
{
    // 4 MB at a time: a few milliseconds, far below the 5 s the original's connections wait for a lock.
    private const int PagesPerStep = 1000;

    // Whatever another process writes between two steps makes the copy start again. After so many times the rest is taken in one
    // step: else a busy queue would never be backed up.
    private const int MostRestarts = 3;
    private const int AllPages = -1;

    private static readonly string[] Sidecars = ["-wal", "-journal"];

    public BackupResult Make(BackupRequest request, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        EnsureDestination(request);
        var partial = $"{request.Path}.{Guid.NewGuid():N}.partial";
        try
        {
            SqliteFile.CreateOwnerOnly(partial);
            var tasks = CopyAndCheck(partial, request.IsAutomatic, cancellation);
            File.Move(partial, request.Path, request.Overwrite);
            return new BackupResult(request.Path, source, new FileInfo(request.Path).Length, tasks, clock.Elapsed);
        }
        catch (SqliteException error) when (error.SqliteErrorCode == raw.SQLITE_INTERRUPT && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Translate(error, source);
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

    /// <summary>True for a backup of <paramref name="queue"/> that a command made by itself.</summary>
    public static bool IsAutomatic(string path, string queue)
    {
        try
        {
            using var session = SqliteSession.Open(path, writable: false);
            return session.Number("PRAGMA application_id") == BackupMark.Of(queue);
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    /// <summary>Checks the whole of a file; throws <see cref="QueueFormatException"/> if it is damaged.</summary>
    public static void EnsureIntact(string path, CancellationToken cancellation)
    {
        try
        {
            using var session = SqliteSession.Open(path, writable: false);
            EnsureIntact(session, path, cancellation);
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Translate(error, path);
        }
    }

    private static void EnsureIntact(SqliteSession session, string shown, CancellationToken cancellation)
    {
        using var interrupt = cancellation.Register(session.Interrupt);
        var check = session.Text("PRAGMA integrity_check(1)");
        cancellation.ThrowIfCancellationRequested();
        if (check != "ok")
        {
            throw new QueueFormatException(
                $"'{shown}' is damaged: {check}", "Nothing was changed. Use an earlier backup, or repair a copy with the tools of SQLite.");
        }
    }

    private void EnsureDestination(BackupRequest request)
    {
        if (Directory.Exists(request.Path))
        {
            throw new TaskValidationException($"'{request.Path}' is a folder.", "Give the path of the backup file.");
        }

        if (File.Exists(request.Path) && !request.Overwrite)
        {
            throw new TaskValidationException($"'{request.Path}' is there already.", "Choose another name; only Backup-TaskQueue replaces a file, with -Force.");
        }

        if (TaskStores.FilesOf(source).Contains(SqliteFile.Canonical(request.Path)))
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
        if (!Directory.Exists(folder))
        {
            throw new TaskValidationException($"The folder '{folder}' does not exist.", "Make it, or choose another place for the backup.");
        }
    }

    private long CopyAndCheck(string partial, bool isAutomatic, CancellationToken cancellation)
    {
        SqliteFile.EnsureQueueFile(source);
        var busy = new SqliteBusy(source, timeout, cancellation);
        using var from = busy.Run(() => SqliteSession.Open(source, writable: false));
        EnsureSpace(from, partial, busy);
        using var to = SqliteSession.Open(partial, writable: true);
        if (holdsSnapshot)
        {
            from.ExecuteScript("BEGIN");
            _ = busy.Run(() => from.Number("SELECT COUNT(*) FROM sqlite_schema"));
        }

        Copy(from, to, cancellation);
        // Made of a file that was an automatic backup once, the copy must not pass for one.
        var id = to.Number("PRAGMA application_id");
        to.ExecuteScript($"PRAGMA application_id = {(isAutomatic ? BackupMark.Of(source) : BackupMark.Is(id) ? plainId : id)}");

        // Reading a backup must leave no sidecar files beside it.
        to.ExecuteScript("PRAGMA journal_mode = DELETE");
        EnsureIntact(to, source, cancellation);
        return to.Number($"SELECT COUNT(*) FROM {table}");
    }

    private static void EnsureSpace(SqliteSession from, string partial, SqliteBusy busy)
    {
        var needed = busy.Run(() => from.Number("PRAGMA page_count")) * from.Number("PRAGMA page_size");
        var folder = Path.GetDirectoryName(Path.GetFullPath(partial))!;
        if (OperatingSystem.IsWindows() && folder.StartsWith(@"\\", StringComparison.Ordinal))
        {
            // A network share has no drive to ask; a full disk is then met while copying.
            return;
        }

        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < needed)
        {
            throw new QueueUnavailableException(
                $"The backup needs {needed:N0} bytes and its disk has {free:N0} left.", "Free some space, or choose another place with -BackupPath.");
        }
    }

    private void Copy(SqliteSession from, SqliteSession to, CancellationToken cancellation)
    {
        using var backup = from.StartBackupTo(to);
        var busy = new SqliteBusy(source, timeout, cancellation);
        int code, copied = 0, restarts = 0;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            code = raw.sqlite3_backup_step(backup, restarts < MostRestarts ? PagesPerStep : AllPages);
            if (SqliteErrors.IsBusy(code))
            {
                busy.Wait();
                continue;
            }

            var now = raw.sqlite3_backup_pagecount(backup) - raw.sqlite3_backup_remaining(backup);
            restarts += now <= copied ? 1 : 0;
            copied = now;
        }
        while (code == raw.SQLITE_OK || SqliteErrors.IsBusy(code));

        if (code != raw.SQLITE_DONE)
        {
            throw to.LastError(code);
        }
    }
}
