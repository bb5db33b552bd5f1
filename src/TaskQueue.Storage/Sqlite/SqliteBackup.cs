using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TaskQueue.Storage;

/// <summary>
/// A verified copy of a database by SQLite's online backup.
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

    // A write of another process between two steps makes the copy start again. After this many restarts the rest is taken in one step:
    // otherwise a busy queue would never be backed up.
    private const int MostRestarts = 3;
    private const int AllPages = -1;

    public BackupResult Make(BackupRequest request, CancellationToken cancellation) =>
        BackupFile.Make(source, request, partial => CopyAndCheck(partial, request.IsAutomatic, cancellation), cancellation);

    /// <summary>True for a backup of <paramref name="queue"/> that an operation made by itself.</summary>
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
            throw SqliteErrors.Translate(error, path, cancellation);
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
        var id = to.Number("PRAGMA application_id");
        // A copy of a file that was once an automatic backup must not pass for one.
        Finish(to, source, isAutomatic ? BackupMark.Of(source) : BackupMark.Is(id) ? plainId : id, cancellation);
        return to.Number($"SELECT COUNT(*) FROM {table}");
    }

    /// <summary>
    /// Makes a queue in the native layout, as it lies complete in a file, the backup of another queue; returns how many tasks it holds.
    /// </summary>
    public static long Finish(string path, string queue, bool isAutomatic, CancellationToken cancellation)
    {
        using var session = SqliteSession.Open(path, writable: true);
        Finish(session, queue, isAutomatic ? BackupMark.Of(queue) : SqliteSchema.ApplicationId, cancellation);
        return session.Number("SELECT COUNT(*) FROM task");
    }

    private static void Finish(SqliteSession session, string queue, long id, CancellationToken cancellation)
    {
        session.ExecuteScript($"PRAGMA application_id = {id}");

        // Reading a backup must leave no sidecar files beside it.
        session.ExecuteScript("PRAGMA journal_mode = DELETE");
        EnsureIntact(session, queue, cancellation);
    }

    private static void EnsureSpace(SqliteSession from, string partial, SqliteBusy busy)
    {
        var needed = busy.Run(() => from.Number("PRAGMA page_count")) * from.Number("PRAGMA page_size");
        var folder = Path.GetDirectoryName(Path.GetFullPath(partial))!;
        if (OperatingSystem.IsWindows() && folder.StartsWith(@"\\", StringComparison.Ordinal))
        {
            // A network share has no drive to ask. A full disk is then noticed while copying.
            return;
        }

        var free = new DriveInfo(folder).AvailableFreeSpace;
        if (free < needed)
        {
            throw new QueueUnavailableException(
                $"The backup needs {needed:N0} bytes and its disk has {free:N0} left.", "Free some space, or choose another place for it.");
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
