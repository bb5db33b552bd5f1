namespace TaskQueue.Storage.Own;

/// <summary>A column that a change of a task may change.</summary>
/// <param name="name">The column's name.</param>
/// <param name="differs">Whether two states of a task differ in it.</param>
/// <param name="value">What it holds for a task that is written at a time.</param>
internal sealed class TaskColumn(string name, Func<QueueTask, QueueTask, bool> differs, Func<QueueTask, DateTimeOffset, object?> value)
{
    /// <summary>What a task is, but for what it carries, in the order of <see cref="OwnTaskTable.StoredColumns"/>.</summary>
    public static readonly IReadOnlyList<TaskColumn> OfState =
    [
        Of("status", task => task.StatusText),
        Of("priority", task => task.Priority),
        Of("ready", task => (task.Status.IsWaiting(), task.DueAt), (task, now) => task.Status.IsWaiting() ? (task.DueAt ?? now) <= now ? 1 : 0 : null),
        Of("retry_count", task => task.RetryCount),
        Of("max_retries", task => task.MaxRetries),
        Of("attempt", task => task.Attempt),
        Of("recoveries", task => task.Recoveries),
        Of("due_at", task => task.DueAt, (task, now) => (task.DueAt ?? task.CreatedAt ?? now).ToStored()),
        Of("started_at", task => task.StartedAt, (task, _) => task.StartedAt?.ToStored()),
        Of("heartbeat_at", task => task.HeartbeatAt, (task, _) => task.HeartbeatAt?.ToStored()),
        Of("lease_expires_at", task => task.LeaseExpiresAt, (task, _) => task.LeaseExpiresAt?.ToStored()),
        Of("completed_at", task => task.CompletedAt, (task, _) => task.CompletedAt?.ToStored()),
        Of("state_since", task => task.StateSince, (task, now) => (task.StateSince ?? task.CompletedAt ?? task.CreatedAt ?? now).ToStored()),
        Of("worker", task => task.Worker),
        Of("worker_id", task => task.WorkerId),
        Of("progress_at", task => task.ProgressAt, (task, _) => task.ProgressAt?.ToStored()),
        Of("claim_token", task => task.ClaimToken),
        Of("progress", task => task.Progress),
        Of("progress_message", task => task.ProgressMessage),
        Of("error_message", task => task.ErrorMessage),
    ];

    /// <summary>All that can change of a task.</summary>
    public static readonly IReadOnlyList<TaskColumn> All = [.. OfState, Of("data", task => task.DataJson), Of("result", task => task.ResultJson)];

    public string Name => name;

    /// <summary>The parameter of a statement that writes it.</summary>
    public string Parameter { get; } = "$" + name;

    public bool Differs(QueueTask before, QueueTask after) => differs(before, after);

    public object? Value(QueueTask task, DateTimeOffset now) => value(task, now);

    private static TaskColumn Of<T>(string name, Func<QueueTask, T> read) => Of(name, read, (task, _) => read(task));

    private static TaskColumn Of<T>(string name, Func<QueueTask, T> read, Func<QueueTask, DateTimeOffset, object?> value) =>
        new(name, (before, after) => !EqualityComparer<T>.Default.Equals(read(before), read(after)), value);
}
