using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TaskQueue.Storage;

/// <summary>A connection with its prepared statements. Used by one thread at a time.</summary>
internal sealed class SqliteSession : SqlSession
{
    /// <summary>What a second database on the connection is called.</summary>
    public const string AttachedSchema = "log";

    private readonly SqliteStatements _statements;
    private DateTimeOffset _now;

    static SqliteSession() => Batteries_V2.Init();

    private SqliteSession(sqlite3 handle)
    {
        Handle = handle;
        _statements = new SqliteStatements(handle);
    }

    /// <summary>Opens a file that exists; never creates one.</summary>
    public static SqliteSession Open(string path, bool writable) =>
        Open(path, writable ? raw.SQLITE_OPEN_READWRITE : raw.SQLITE_OPEN_READONLY);

    public override DateTimeOffset Now => _now;

    public sqlite3 Handle { get; }

    /// <summary>True if nothing can be written by it: it was opened so, or the file lets this user only read it.</summary>
    public bool IsReadOnly => raw.sqlite3_db_readonly(Handle, "main") == 1;

    /// <summary>False once SQLite itself has rolled the transaction back, as it does when the disk is full.</summary>
    public bool IsInTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    /// <summary>
    /// True if the path names another file now, or none: the queue was moved, deleted or replaced. What is written to the
    /// old file would be lost, so nobody may go on with it.
    /// </summary>
    public bool HasMoved => HasMovedFile("main") || HasMovedFile(AttachedSchema);

    /// <summary>Begins a piece of work at a time by the queue's clock.</summary>
    public SqliteSession At(DateTimeOffset now)
    {
        _now = now;
        return this;
    }

    public override int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var statement = _statements.Of(sql, parameters);
        try
        {
            while (statement.Step())
            {
                // What it answers is not asked for.
            }

            return raw.sqlite3_changes(Handle);
        }
        finally
        {
            statement.Reset();
        }
    }

    public override void Write(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Execute(sql, parameters);

    public override void ExecuteScript(string sql)
    {
        var code = TryExecute(sql);
        if (code != raw.SQLITE_OK)
        {
            throw LastError(code);
        }
    }

    public override (List<T> Rows, bool AreAll) RowsWhile<T>(
        string sql, Func<SqlRow, T> read, Predicate<T> takesMore, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var statement = _statements.Of(sql, parameters);
        try
        {
            var rows = new List<T>();
            while (statement.Step())
            {
                var row = read(statement.Row);
                rows.Add(row);
                if (!takesMore(row))
                {
                    return (rows, false);
                }
            }

            return (rows, true);
        }
        finally
        {
            statement.Reset();
        }
    }

    public override void Dispose()
    {
        _statements.Dispose();
        Handle.Dispose();
    }

    /// <summary>
    /// Runs a statement without a result on the bare engine, whose code tells busy from other failures without an exception.
    /// </summary>
    public int TryExecute(string sql) => raw.sqlite3_exec(Handle, sql);

    /// <summary>Makes whatever runs on this connection end with an error; callable from any thread.</summary>
    public void Interrupt() => raw.sqlite3_interrupt(Handle);

    /// <summary>
    /// Copies the log of a file that was moved into its database. What was acknowledged may stand in the -wal alone. The -wal stays behind
    /// when only the database is moved, and would be taken for that of a file put in its place. SQLite's own close does not do this.
    /// </summary>
    public void EmptyLog(SqliteBusy busy)
    {
        try
        {
            while (Number("PRAGMA wal_checkpoint(TRUNCATE)") != 0)
            {
                busy.Wait();
            }
        }
        catch (Exception error) when (error is SqliteException or QueueUnavailableException)
        {
            // Nothing more can be done for a file that is out of reach.
        }
    }

    /// <summary>Copies this database into <paramref name="destination"/> by SQLite's online backup, a step at a time.</summary>
    public sqlite3_backup StartBackupTo(SqliteSession destination) =>
        raw.sqlite3_backup_init(destination.Handle, "main", Handle, "main");

    /// <summary>The error the engine last reported on this connection.</summary>
    public SqliteException LastError(int code) => SqliteErrors.Last(Handle, code);

    // For a schema that does not exist, the call answers with an error.
    private bool HasMovedFile(string schema) =>
        NativeMethods.FileControl(Handle.DangerousGetHandle(), schema, NativeMethods.FileControlHasMoved, out var moved) == raw.SQLITE_OK
            && moved != 0;

    private static SqliteSession Open(string path, int mode)
    {
        // Without SQLite's own mutexes: only one thread at a time uses a session.
        var code = raw.sqlite3_open_v2(path, out var handle, mode | raw.SQLITE_OPEN_NOMUTEX, vfs: null);
        if (code != raw.SQLITE_OK)
        {
            var error = SqliteErrors.Last(handle, code);
            handle.Dispose();
            throw error;
        }

        // Plans must not depend on values: otherwise each statement with a bound LIMIT is compiled anew for each run.
        raw.sqlite3_db_config(handle, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _);
        return new SqliteSession(handle);
    }
}
