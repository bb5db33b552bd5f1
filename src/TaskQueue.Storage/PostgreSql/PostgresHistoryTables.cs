namespace TaskQueue.Storage;

/// <summary>
/// The log and the trash in PostgreSQL: what comes back from there may be ready, before the place up to which claims have looked.
/// </summary>
/// <param name="tasks">The table of tasks.</param>
/// <param name="dialect">The database's SQL.</param>
/// <param name="floors">How far this process has looked for ready tasks.</param>
internal sealed class PostgresHistoryTables(PostgresTaskTable tasks, PostgresDialect dialect, ReadyFloors floors)
    : NativeHistoryTables(tasks, dialect)
{
    public override void PutBack(SqlSession session, long operation, QueueTask removed)
    {
        floors.Forget();
        base.PutBack(session, operation, removed);
    }
}
