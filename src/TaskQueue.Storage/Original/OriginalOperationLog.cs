using Microsoft.Data.Sqlite;

namespace TaskQueue.Storage;

/// <summary>
/// The operations log of a queue in the original layout: a database of its own beside the queue's, attached to the writer's
/// connection. Both keep a rollback journal, so SQLite commits what is written to both as one.
/// </summary>
/// <param name="queue">The queue's path.</param>
internal sealed class OriginalOperationLog(string queue)
{
    /// <summary>What the log's database is called on the writer's connection.</summary>
    public const string Schema = SqliteSession.AttachedSchema;

    /// <summary>"TQOL" in ASCII: this is no queue.</summary>
    private const long ApplicationId = 0x54514F4C;

    private static readonly LayoutVersions Versions = LayoutVersions.Of("Original");

    private const string Advice =
        "Give yourself write access to the file and its folder. Update this product if a newer one made the file; "
            + "otherwise move the file away.";

    private readonly string _path = PathOf(queue);

    /// <summary>
    /// <c>name_operations.db</c> beside <c>name.db</c>; a queue with another ending keeps it in the log's name, so that no two share one.
    /// </summary>
    public static string PathOf(string queue)
    {
        var stem = Path.GetExtension(queue) is ".db" ? Path.GetFileNameWithoutExtension(queue) : Path.GetFileName(queue);
        return Path.Combine(Path.GetDirectoryName(queue)!, stem + "_operations.db");
    }

    /// <summary>Attaches a log that is there, before a transaction: its lock is then waited for together with the queue's.</summary>
    public void AttachIfThere(SqlSession session)
    {
        if (File.Exists(_path))
        {
            Guarded(() => Attach(session));
        }
    }

    /// <summary>Makes the log ready in the present transaction, where there is none yet as part of it; returns it.</summary>
    /// <exception cref="QueueUnavailableException">The log cannot be written; so nothing that belongs into it may happen.</exception>
    public LogSchema Open(SqlSession session)
    {
        Guarded(() =>
        {
            if (!IsAttached(session))
            {
                Attach(session);
            }

            EnsureTables(session);
        });
        return new LogSchema(Schema, SqliteDialect.Instance);
    }

    /// <summary>The log as a connection can read it, attached where it is there; null where there is none. Changes nothing.</summary>
    /// <exception cref="QueueUnavailableException">There is a file that is no log of ours.</exception>
    public LogSchema? ForReading(SqlSession session)
    {
        if (!IsAttached(session))
        {
            if (!File.Exists(_path))
            {
                return null;
            }

            try
            {
                session.Execute($"ATTACH $path AS {Schema}", ("$path", _path));
            }
            catch (SqliteException error) when (!SqliteErrors.IsBusy(error))
            {
                throw SqliteErrors.Translate(error, _path);
            }
        }

        try
        {
            return Readable(session);
        }
        catch (SqliteException error) when (!SqliteErrors.IsBusy(error))
        {
            throw SqliteErrors.Translate(error, _path);
        }
    }

    private LogSchema? Readable(SqlSession session)
    {
        if (session.Number($"SELECT COUNT(*) FROM {Schema}.sqlite_schema") == 0)
        {
            // Left by a writer that died before its first commit.
            return null;
        }

        return ProblemOf(session) is { } problem
            ? throw new QueueUnavailableException($"The operations log '{_path}' cannot be read: {problem}.", Advice)
            : new LogSchema(Schema, SqliteDialect.Instance);
    }

    /// <summary>Why the attached file is no log that this product knows; null if it is one.</summary>
    private static string? ProblemOf(SqlSession session) =>
        session.Number($"PRAGMA {Schema}.application_id") != ApplicationId ? "it belongs to another program"
        : session.Number($"PRAGMA {Schema}.user_version") != LayoutVersions.StoredNumber(Versions.Newest)
            ? "another version of this product made it"
            : null;

    private static bool IsAttached(SqlSession session) =>
        session.Number("SELECT COUNT(*) FROM pragma_database_list WHERE name = $name", ("$name", Schema)) > 0;

    private void Attach(SqlSession session)
    {
        // The queue's write lock is held here, so nobody else makes the file at the same time.
        if (!File.Exists(_path))
        {
            SqliteFile.CreateOwnerOnly(_path);
        }

        SqliteFile.EnsureWritable(_path);
        session.Execute($"ATTACH $path AS {Schema}", ("$path", _path));
    }

    private void EnsureTables(SqlSession session)
    {
        if (session.Number($"SELECT COUNT(*) FROM {Schema}.sqlite_schema") > 0)
        {
            if (ProblemOf(session) is { } problem)
            {
                throw Unusable(problem);
            }

            return;
        }

        foreach (var step in Versions.Steps)
        {
            session.ExecuteScript(step.Sql);
        }

        session.ExecuteScript(
            $"""
            PRAGMA {Schema}.application_id = {ApplicationId};
            PRAGMA {Schema}.user_version = {LayoutVersions.StoredNumber(Versions.Newest)};
            """);
    }

    private void Guarded(Action work)
    {
        try
        {
            work();
        }
        catch (SqliteException error) when (!SqliteErrors.IsBusy(error))
        {
            throw Unusable(error.Message, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(error.Message, error);
        }
    }

    private QueueUnavailableException Unusable(string why, Exception? inner = null) => new(
        $"The operations log '{_path}' cannot be used, so nothing was changed: {why}",
        Advice,
        inner);
}
