namespace TaskQueue.Storage;

/// <summary>The numbers of tasks: each transaction adds rows, so that none waits for another, and now and then they become one.</summary>
internal sealed partial class PostgresTaskTable
{
    // One write of so many adds them up, so that there are some hundred of them.
    private const int WritesToAddUp = 100;

    // While an old snapshot is held, rows that were added up long ago still have to be passed over. A process spends a twentieth of its
    // time on that at most.
    private const int PauseForItsCost = 20;

    private const string Milliseconds = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";

    private static readonly string RunningText = QueueTaskStatus.Running.ToText();

    private long _nextAddingUp;

    public override void WriteCounts(SqlSession session)
    {
        base.WriteCounts(session);
        if (Random.Shared.Next(WritesToAddUp) == 0 && Environment.TickCount64 >= Volatile.Read(ref _nextAddingUp))
        {
            AddUpCounts((PostgresSession)session);
        }
    }

    // Only the server knows which rows it changes, and so counts them itself. They were all running.
    protected override (string Begin, string End) AroundHeldUpdate => (
        "WITH changed AS (",
        $"""
        RETURNING present.id, present.type, present.status),
        counted AS (
            INSERT INTO {Counts} (type, status, tasks)
            SELECT type, '{RunningText}', -count(*) FROM changed GROUP BY type
            UNION ALL SELECT type, status, count(*) FROM changed GROUP BY type, status)
        SELECT id FROM changed
        """);

    /// <summary>What others add up at the same time is left to them.</summary>
    private void AddUpCounts(PostgresSession session)
    {
        long began = 0;
        session.ReadLater(Milliseconds, row => began = row.GetInt64(0));
        if (isPlain)
        {
            var keys = session.Rows($"SELECT id FROM {Counts} FOR UPDATE SKIP LOCKED", row => row.GetIdentifier(0).ToString()!);
            session.Write(AddingUp("SELECT CAST(unnest($keys) AS uuid)"), ("$keys", keys.ToArray()));
        }
        else
        {
            session.Write(AddingUp($"SELECT id FROM {Counts} FOR UPDATE SKIP LOCKED"));
        }

        session.ReadLater(
            Milliseconds,
            row => Volatile.Write(ref _nextAddingUp, Environment.TickCount64 + ((row.GetInt64(0) - began) * PauseForItsCost)));
    }

    private string AddingUp(string keys) =>
        $"""
        WITH former AS (DELETE FROM {Counts} WHERE id = ANY(ARRAY({keys})) RETURNING type, status, tasks)
        INSERT INTO {Counts} (type, status, tasks)
        SELECT type, status, CAST(sum(tasks) AS bigint) FROM former GROUP BY type, status HAVING sum(tasks) <> 0
        """;
}
