namespace TaskQueue.Storage;

/// <summary>
/// The native layout in a schema of a PostgreSQL database. The table <c>layout</c> of the schema says which version of the layout it has
/// (<see cref="LayoutVersions.StoredNumber"/>).
/// </summary>
/// <param name="name">The queue's schema.</param>
/// <param name="versions">The versions that this product knows.</param>
internal sealed class PostgresSchema(string name, LayoutVersions versions)
{
    public static readonly LayoutVersions Current = LayoutVersions.Of("PostgreSql");

    private readonly string _schema = PostgresDialect.Quoted(name);

    /// <summary>The newest version.</summary>
    public int Newest => versions.Newest;

    /// <summary>The statement that reads what a queue has stored of its version. Where there is no queue, its table is missing.</summary>
    public string StoredNumberSql => $"SELECT coalesce(max(version), 0) FROM {_schema}.layout";

    /// <summary>
    /// A statement that fails where the layout is not the newest one (<see cref="PostgresErrors.IsLayoutRefused"/>): what is sent together
    /// with it, a commit too, does not take place.
    /// </summary>
    public string CheckSql =>
        $"SELECT CASE WHEN max(version) = {LayoutVersions.StoredNumber(Newest)} THEN 1 ELSE count(version) / 0 END FROM {_schema}.layout";

    /// <inheritdoc cref="LayoutVersions.VersionOf"/>
    public int VersionOf(long storedNumber, string queue) => versions.VersionOf(storedNumber, queue);

    /// <summary>The version of the queue's layout; null if there is no queue.</summary>
    /// <exception cref="QueueFormatException">The schema belongs to another program, or this product does not know its layout.</exception>
    public int? VersionOf(PostgresSession session, string queue)
    {
        var tables = Tables(session);
        if (tables.Count == 0)
        {
            return null;
        }

        return tables.Contains("layout") && tables.Contains("task")
            ? versions.VersionOf(session.Number(StoredNumberSql), queue)
            : throw new QueueFormatException(
                $"The schema '{name}' of '{queue}' is not a task queue: it belongs to another program.",
                "Name another schema for the queue, with schema= in its location.");
    }

    /// <summary>
    /// Makes the queue where there is none, or brings it to the newest version, in the present transaction; one session at a time.
    /// </summary>
    /// <param name="session">The connection, in a transaction.</param>
    /// <param name="queue">The queue's location.</param>
    /// <param name="isPlain">See <see cref="PostgresAbilities.IsPlain"/>: without a lock by number, and without storage parameters.</param>
    /// <param name="beforeUpgrade">Called with its version before an older layout is changed.</param>
    public void Apply(PostgresSession session, string queue, bool isPlain, Action<int> beforeUpgrade)
    {
        Lock(session, isPlain);
        var version = VersionOf(session, queue);
        if (version == Newest)
        {
            return;
        }

        if (version is { } older)
        {
            LockOut(session, isPlain);
            beforeUpgrade(older);
        }
        else
        {
            EnsureUnicode(session, queue);
            session.ExecuteScript($"CREATE SCHEMA IF NOT EXISTS {_schema}");
        }

        // The files name no schema. Temporary tables of this session, which come first otherwise, are looked for last.
        session.ExecuteScript($"SET LOCAL search_path TO {_schema}, pg_temp");
        foreach (var step in versions.Steps.Skip(version ?? 0))
        {
            session.ExecuteScript(step.Sql);
            if (step.Storage is { } storage && !isPlain)
            {
                session.ExecuteScript(storage);
            }
        }

        session.Execute($"DELETE FROM {_schema}.layout");
        session.Execute($"INSERT INTO {_schema}.layout (version) VALUES ($version)", ("$version", LayoutVersions.StoredNumber(Newest)));
    }

    private List<string> Tables(PostgresSession session) => session.Rows(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            + "WHERE n.nspname = $name AND c.relkind IN ('r', 'p')",
        row => row.GetString(0),
        ("$name", name));

    private void Lock(PostgresSession session, bool isPlain)
    {
        if (!isPlain)
        {
            session.Number(
                "SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended($key, 0))) AS locked", ("$key", $"TaskQueue {name}"));
        }
        else if (Tables(session).Contains("receipt"))
        {
            // Whoever else adds this row waits. None of the steps changes its table, and no other of ours was read yet: a step that changes
            // one waits for nobody. Where there is no queue yet, the name of its schema can be taken by one session only: the other begins
            // again, and finds it.
            session.Execute(
                $"INSERT INTO {_schema}.receipt (slot, number, at) VALUES (CAST($slot AS uuid), 0, 0) ON CONFLICT (slot) DO "
                    + "UPDATE SET at = excluded.at", ("$slot", Guid.Empty));
        }
    }

    /// <summary>
    /// Waits for the transactions that have seen the older layout, and has others wait before they see it: each begins by reading its
    /// table.
    /// </summary>
    private void LockOut(PostgresSession session, bool isPlain)
    {
        if (!isPlain)
        {
            session.Execute($"LOCK TABLE {_schema}.layout IN ACCESS EXCLUSIVE MODE");
        }
    }

    private static void EnsureUnicode(PostgresSession session, string queue)
    {
        if (session.Text("SELECT current_setting('server_encoding')") is not "UTF8" and var encoding)
        {
            throw new QueueFormatException(
                $"The database of '{queue}' has the encoding {encoding}, in which not every text can be kept.",
                "Make one with the encoding UTF8, such as with createdb -E UTF8.");
        }
    }
}
