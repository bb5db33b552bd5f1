using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TaskQueue.Storage;

/// <summary>The one place where SQLite's errors become ours.</summary>
internal static class SqliteErrors
{
    // SQLITE_READONLY_ROLLBACK and SQLITE_READONLY_RECOVERY: a reader met what a dead writer left behind.
    private const int ReadOnlyRollback = 776;
    private const int ReadOnlyRecovery = 264;

    public static bool IsBusy(int code) => (code & 0xFF) is raw.SQLITE_BUSY or raw.SQLITE_LOCKED;

    public static bool IsBusy(SqliteException error) => IsBusy(error.SqliteErrorCode);

    /// <summary>The error the engine last reported on a connection.</summary>
    public static SqliteException Last(sqlite3 database, int code) =>
        new(raw.sqlite3_errmsg(database).utf8_to_string(), code, raw.sqlite3_extended_errcode(database));

    /// <summary>What a caller is told of an error in its own work: that it was cancelled, if it was interrupted for that.</summary>
    public static Exception Translate(SqliteException error, string path, CancellationToken cancellation) =>
        error.SqliteErrorCode == raw.SQLITE_INTERRUPT && cancellation.IsCancellationRequested
            ? new OperationCanceledException(cancellation)
            : Translate(error, path);

    public static TaskQueueException Translate(SqliteException error, string path) => error switch
    {
        { SqliteExtendedErrorCode: ReadOnlyRollback or ReadOnlyRecovery } => new QueueNeedsRecoveryException(
            $"A process died in the middle of a write to '{path}'. Reading changes nothing, so it does not roll that back.",
            new Advice.WriteToRollBack(),
            error),
        { SqliteErrorCode: raw.SQLITE_CORRUPT } => new QueueFormatException(
            $"The database '{path}' is damaged: {error.Message}",
            new Advice.ReplaceByBackup(),
            error),
        { SqliteErrorCode: raw.SQLITE_NOTADB } => NotAQueue(path, "it is not a SQLite database", error),
        { SqliteErrorCode: raw.SQLITE_FULL } => new QueueUnavailableException(
            $"The disk with '{path}' is full. Nothing was written.", "Free some space, then try again.", error),
        { SqliteErrorCode: raw.SQLITE_READONLY } => new QueueUnavailableException(
            $"'{path}' cannot be written: the file, its folder or the file system is read-only.",
            "Give yourself write access to the file and its folder.",
            error),
        { SqliteErrorCode: raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_AUTH } => new QueueUnavailableException(
            $"'{path}' cannot be opened: {error.Message}", "Check the access rights of the file and its folder.", error),
        _ => new QueueUnavailableException($"'{path}' cannot be used: {error.Message}", null, error),
    };

    public static QueueUnavailableException Locked(string path, TimeSpan timeout) => new(
        $"'{path}' was locked by another process for longer than {Duration.Format(timeout)}.",
        new Advice.WaitLonger(timeout));

    public static QueueFormatException NotAQueue(string path, string why, Exception? inner = null) => new(
        $"'{path}' is not a task queue: {why}.", new Advice.CreateQueueAt(null), inner);
}
