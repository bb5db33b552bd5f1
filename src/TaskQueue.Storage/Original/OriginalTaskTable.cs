using TaskQueue.Storage.Sqlite;

namespace TaskQueue.Storage.Original;

internal abstract class OriginalTaskTable : TaskTable
{
    /// <summary>True if the database holds the original's table of tasks.</summary>
    public static bool IsIn(SqliteSession session) =>
        session.Number("SELECT COUNT(*) FROM pragma_table_info('task_queue') WHERE name IN ('task_id', 'task_type', 'status', 'started_at', 'updated_at')") == 5;
}
