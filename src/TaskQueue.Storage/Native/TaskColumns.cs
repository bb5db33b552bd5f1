namespace TaskQueue.Storage;

/// <summary>
/// The columns of a task in the native layout. All statements that name them are made of this list: a new column is a line here, and a step
/// of the layout of each database. The operations log names the fields of a change in the order of this list.
/// </summary>
internal static class TaskColumns
{
    /// <summary>The key, which the database gives. It is no column of <see cref="All"/>.</summary>
    public static readonly SqlColumn Seq = new("seq", SqlType.Integer);

    public static readonly TaskColumn Revision = new FieldColumn<string>(
        "revision", ColumnForms.Revision, new(nameof(QueueTask.Revision)), written => written.Revision);

    private static readonly TaskProperty<QueueTaskStatus> KnownStatus = new(nameof(QueueTask.Status));
    private static readonly TaskProperty<string> StatusText = new(nameof(QueueTask.StatusText));

    public static readonly FieldColumn Status = new FieldColumn<string>("status", ColumnForms.Text, new(StatusText.Get, SetStatus))
    {
        LogName = "status",
    };

    public static readonly IReadOnlyList<TaskColumn> All =
    [
        Unlogged("id", ColumnForms.Text, nameof(QueueTask.Id)),
        Status,
        Unlogged("ready", ColumnForms.Gate, nameof(QueueTask.Gate)),
        Logged("type", ColumnForms.Text, nameof(QueueTask.Type)),
        Logged("timeout", ColumnForms.Duration, nameof(QueueTask.Timeout)),
        Logged("priority", ColumnForms.Number(NewTask.DefaultPriority), nameof(QueueTask.Priority)),
        Logged("data", ColumnForms.OptionalText, nameof(QueueTask.DataJson), isPayload: true),
        Logged("result", ColumnForms.OptionalText, nameof(QueueTask.ResultJson), isPayload: true),
        Logged("error_message", ColumnForms.OptionalText, nameof(QueueTask.ErrorMessage)),
        Logged("retry_count", ColumnForms.Number(0), nameof(QueueTask.RetryCount)),
        Logged("max_retries", ColumnForms.Number(NewTask.DefaultMaxRetries), nameof(QueueTask.MaxRetries)),
        Logged("attempt", ColumnForms.Number(0), nameof(QueueTask.Attempt)),
        Logged("recoveries", ColumnForms.Number(0), nameof(QueueTask.Recoveries)),
        Logged("recovered_at", ColumnForms.Recoveries, nameof(QueueTask.RecoveryHistory)),
        Unlogged("created_at", ColumnForms.Time, nameof(QueueTask.CreatedAt), written => CreatedAt(written).ToStored()),
        Logged("due_at", ColumnForms.Time, nameof(QueueTask.DueAt), written => (written.Task.DueAt ?? CreatedAt(written)).ToStored()),
        Logged("started_at", ColumnForms.Time, nameof(QueueTask.StartedAt)),
        Logged("begun_at", ColumnForms.Time, nameof(QueueTask.BegunAt), isMovedByHeartbeats: true),
        Logged("heartbeat_at", ColumnForms.Time, nameof(QueueTask.HeartbeatAt), isMovedByHeartbeats: true),
        Logged("lease_expires_at", ColumnForms.Time, nameof(QueueTask.LeaseExpiresAt), isMovedByHeartbeats: true),
        Logged("completed_at", ColumnForms.Time, nameof(QueueTask.CompletedAt)),
        Logged("state_since", ColumnForms.Time, nameof(QueueTask.StateSince), written => StateSince(written).ToStored()),
        Unlogged("worker", ColumnForms.OptionalText, nameof(QueueTask.Worker)),
        Logged("worker_id", ColumnForms.Identifier, nameof(QueueTask.WorkerId)),
        Logged("claim_token", ColumnForms.Identifier, nameof(QueueTask.ClaimToken)),
        Logged("progress", ColumnForms.Real, nameof(QueueTask.Progress), isMovedByHeartbeats: true),
        Logged("progress_message", ColumnForms.OptionalText, nameof(QueueTask.ProgressMessage), isMovedByHeartbeats: true),
        Logged("progress_at", ColumnForms.Time, nameof(QueueTask.ProgressAt), isMovedByHeartbeats: true),
        Revision,
        // The revision that an import gave. As long as it is the task's revision, nothing has changed it here.
        new HiddenColumn("import_revision", SqlType.Integer, written => written.Source is null ? null : written.Revision),
        new HiddenColumn("import_source", SqlType.Text, written => written.Source),
    ];

    /// <summary>The columns whose changes the operations log tells.</summary>
    public static readonly IReadOnlyList<FieldColumn> InLog = [.. All.OfType<FieldColumn>().Where(column => column.LogName is not null)];

    /// <summary>The names of <see cref="All"/>, in their order.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(column => column.Sql.Name));

    /// <summary>What statements read of a task.</summary>
    /// <param name="layout">The layout of the table.</param>
    /// <param name="includePayload">What the task carries too.</param>
    public static TaskSelection Select(int layout, bool includePayload) =>
        new([.. All.OfType<FieldColumn>().Where(column => column.Since <= layout && (includePayload || !column.IsPayload))]);

    private static FieldColumn<T> Logged<T>(
        string name,
        ColumnForm<T> form,
        string property,
        Func<TaskToWrite, object?>? value = null,
        bool isMovedByHeartbeats = false,
        bool isPayload = false,
        int since = 1) => new(name, form, new(property), value)
        {
            LogName = char.ToLowerInvariant(property[0]) + property[1..],
            IsMovedByHeartbeats = isMovedByHeartbeats,
            IsPayload = isPayload,
            Since = since,
        };

    private static FieldColumn<T> Unlogged<T>(string name, ColumnForm<T> form, string property, Func<TaskToWrite, object?>? value = null) =>
        new(name, form, new(property), value);

    private static void SetStatus(QueueTask task, string text)
    {
        StatusText.Set(task, text);
        KnownStatus.Set(task, StatusNames.Parse(text));
    }

    private static DateTimeOffset CreatedAt(TaskToWrite written) => written.Task.CreatedAt ?? written.Now;

    private static DateTimeOffset StateSince(TaskToWrite written) =>
        written.Task.StateSince ?? written.Task.CompletedAt ?? CreatedAt(written);
}
