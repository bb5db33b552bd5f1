namespace TaskQueue.Storage.Own;

/// <summary>A column that a change of a task may change.</summary>
/// <param name="column">The column.</param>
/// <param name="differs">Whether two states of a task differ in it.</param>
/// <param name="value">What it holds for a task that is written at a time.</param>
internal sealed class TaskColumn(SqlColumn column, Func<QueueTask, QueueTask, bool> differs, Func<QueueTask, DateTimeOffset, object?> value)
{
    /// <summary>What a task is, but for what it carries, in the order of <see cref="OwnTaskTable.StoredColumns"/>.</summary>
    public static readonly IReadOnlyList<TaskColumn> OfState =
    [
        Text("status", task => task.StatusText),
        Number("priority", task => task.Priority),
        Of("ready", SqlType.Integer, task => task.Gate, (task, _) => (int?)task.Gate),
        Number("retry_count", task => task.RetryCount),
        Number("max_retries", task => task.MaxRetries),
        Number("attempt", task => task.Attempt),
        Number("recoveries", task => task.Recoveries),
        Text("recovered_at", task => task.RecoveryHistory.Text),
        Of("due_at", SqlType.Integer, task => task.DueAt, (task, now) => (task.DueAt ?? task.CreatedAt ?? now).ToStored()),
        Time("started_at", task => task.StartedAt),
        Time("begun_at", task => task.BegunAt),
        Time("heartbeat_at", task => task.HeartbeatAt),
        Time("lease_expires_at", task => task.LeaseExpiresAt),
        Time("completed_at", task => task.CompletedAt),
        Of("state_since", SqlType.Integer, task => task.StateSince, (task, now) => (task.StateSince ?? task.CompletedAt ?? task.CreatedAt ?? now).ToStored()),
        Text("worker", task => task.Worker),
        Identifier("worker_id", task => task.WorkerId),
        Time("progress_at", task => task.ProgressAt),
        Identifier("claim_token", task => task.ClaimToken),
        Of("progress", SqlType.Real, task => task.Progress, (task, _) => task.Progress),
        Text("progress_message", task => task.ProgressMessage),
        Text("error_message", task => task.ErrorMessage),
    ];

    /// <summary>All that can change of a task.</summary>
    public static readonly IReadOnlyList<TaskColumn> All = [.. OfState, Text("type", task => task.Type), Of("timeout", SqlType.Integer, task => task.Timeout, (task, _) => (long?)task.Timeout?.TotalMilliseconds), Text("data", task => task.DataJson), Text("result", task => task.ResultJson)];

    public SqlColumn Column => column;

    public bool Differs(QueueTask before, QueueTask after) => differs(before, after);

    public object? Value(QueueTask task, DateTimeOffset now) => value(task, now);

    private static TaskColumn Text(string name, Func<QueueTask, string?> read) => Of(name, SqlType.Text, read, (task, _) => read(task));

    private static TaskColumn Number(string name, Func<QueueTask, int> read) => Of(name, SqlType.Integer, read, (task, _) => read(task));

    private static TaskColumn Identifier(string name, Func<QueueTask, Guid?> read) => Of(name, SqlType.Identifier, read, (task, _) => read(task));

    private static TaskColumn Time(string name, Func<QueueTask, DateTimeOffset?> read) => Of(name, SqlType.Integer, read, (task, _) => read(task)?.ToStored());

    private static TaskColumn Of<T>(string name, SqlType type, Func<QueueTask, T> read, Func<QueueTask, DateTimeOffset, object?> value) =>
        new(new SqlColumn(name, type), (before, after) => !EqualityComparer<T>.Default.Equals(read(before), read(after)), value);
}
