namespace TaskQueue.Storage;

/// <summary>
/// The same for servers that only speak PostgreSQL's language (<see cref="PostgresAbilities.IsPlain"/>): rows are locked at the end of a
/// plain SELECT, never in a part of a statement, and claims look from the beginning.
/// </summary>
internal sealed partial class PostgresTaskTable
{
    // Sessions that claim at the same time choose the same keys, and each finds most of them locked.
    private const int KeysForEachTask = 4;

    private string PlainPromoteDueSql(string now) =>
        $"""
        UPDATE {Tasks} SET ready = 1
        WHERE ready = 0 AND seq IN (SELECT seq FROM {Tasks} WHERE ready = 0 AND due_at > $after AND due_at <= {now}
            ORDER BY due_at LIMIT {PromotedAtOnce})
        RETURNING seq, type, priority
        """;

    private string PlainReadyOfTypeSql =>
        $"SELECT {Whole.Sql} FROM {Tasks} WHERE ready = 1 AND type = $type ORDER BY priority, seq + 0 LIMIT $limit FOR UPDATE SKIP LOCKED";

    private string PlainReadyOfTypesSql(int count)
    {
        var keys = Enumerable.Range(1, count)
            .Select(
                type =>
                    $"(SELECT seq, priority FROM {Tasks} WHERE ready = 1 AND type = ($types)[{type}] ORDER BY "
                        + "priority, seq + 0 LIMIT $keys)");
        return
            $"""
            SELECT {Whole.Sql} FROM {Tasks}
            WHERE ready = 1 AND type = ANY($types)
            AND seq IN (SELECT seq FROM ({string.Join(" UNION ALL ", keys)}) AS key ORDER BY priority, seq LIMIT $keys)
            ORDER BY priority, seq LIMIT $limit FOR UPDATE SKIP LOCKED
            """;
    }

    private void ReadReadyPlainly(PostgresSession session, string[] types, int limit, Action<SqlRow> read)
    {
        if (types is [var type])
        {
            session.ReadLater(_readyOfTypes.GetOrAdd(1, _ => PlainReadyOfTypeSql), read, ("$type", type), ("$limit", limit));
        }
        else
        {
            session.ReadLater(
                _readyOfTypes.GetOrAdd(types.Length, PlainReadyOfTypesSql),
                read,
                ("$types", types),
                ("$keys", (long)limit * KeysForEachTask),
                ("$limit", limit));
        }
    }

    private bool HasReadyPlainly(SqlSession session, string[] types) =>
        session.Rows(
            $"SELECT seq FROM {Tasks} WHERE ready = 1 AND type = ANY($types) LIMIT 1", row => row.GetInt64(0), ("$types", types)).Count > 0;

    private Dictionary<string, TaskRow> FindForChangePlainly(SqlSession session, string[] ids, bool includePayload) => session
        .Rows(
            $"SELECT {Selection(includePayload).Sql} FROM {Tasks} WHERE id = ANY($ids) ORDER BY id FOR UPDATE",
            row => ReadRow(row, includePayload, session.Now),
            ("$ids", ids))
        .ToDictionary(row => row.Task.Id, StringComparer.Ordinal);
}
