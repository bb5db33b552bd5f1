namespace TaskQueue;

/// <summary>One task as it was when it was read. All times are UTC.</summary>
public sealed record QueueTask
{
    private readonly JsonText? _data;
    private readonly JsonText? _result;

    /// <summary>The caller's own id, or a version 7 UUID; unique in its queue and case-sensitive.</summary>
    public required string Id { get; init; }

    /// <summary>What kind of work this is; a worker claims only types it has handlers for.</summary>
    public required string Type { get; init; }

    /// <summary>The present status.</summary>
    public required QueueTaskStatus Status { get; init; }

    /// <summary>The status as stored; differs from <see cref="Status"/> only for a word this product does not know.</summary>
    public required string StatusText { get; init; }

    /// <summary>What a task in pending or retry waits for; null for one that waits for nothing.</summary>
    public TaskGate? Gate { get; init; }

    /// <summary>1 to 10, lower runs first.</summary>
    public int Priority { get; init; } = NewTask.DefaultPriority;

    /// <summary>
    /// The task's data: JSON arrays as object[], unreadable JSON as its text, and JSON objects as ordered dictionaries, or what
    /// <see cref="JsonObjects.Make"/> makes of those.
    /// </summary>
    public object? Data => _data?.Value;

    /// <summary>True once somebody asked for <see cref="Data"/>, and may have changed what the objects hold.</summary>
    internal bool HasReadData => _data?.IsParsed == true;

    /// <summary>The text of <see cref="Data"/>.</summary>
    public string? DataJson { get => _data?.Text; init => _data = JsonText.Of(value); }

    /// <summary>What the handler returned, in the form of <see cref="Data"/>.</summary>
    public object? Result => _result?.Value;

    /// <summary>The text of <see cref="Result"/>.</summary>
    public string? ResultJson { get => _result?.Text; init => _result = JsonText.Of(value); }

    /// <summary>Why the task failed or was stopped.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>How many failures have been followed by a retry.</summary>
    public int RetryCount { get; init; }

    /// <summary>How many retries the task may have.</summary>
    public int MaxRetries { get; init; } = NewTask.DefaultMaxRetries;

    /// <summary>How often the task has been claimed. For people: the fence is the claim token.</summary>
    public int Attempt { get; init; }

    /// <summary>How often an attempt that had begun was taken back from a worker that stopped answering.</summary>
    public int Recoveries { get; init; }

    /// <summary>When it was lately taken back: of this its budget of recoveries is counted.</summary>
    public RecoveryHistory RecoveryHistory { get; init; }

    /// <summary>The longest a single attempt may run; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>When the task was put in; null where the original system's file holds no readable time.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The earliest time a worker may claim it.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When the present or last attempt was claimed.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>
    /// When the present or last attempt was known to have begun; null while the task waits at its worker, or where nothing tells it.
    /// </summary>
    public DateTimeOffset? BegunAt { get; init; }

    /// <summary>The worker's last proof of life for this task.</summary>
    public DateTimeOffset? HeartbeatAt { get; init; }

    /// <summary>Until when the claim holds without another heartbeat.</summary>
    public DateTimeOffset? LeaseExpiresAt { get; init; }

    /// <summary>When the task finished.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When the task entered its present status; null if that cannot be told.</summary>
    public DateTimeOffset? StateSince { get; init; }

    /// <summary>
    /// Time in the present status, fixed when the task was read. Negative when the clock of the writer is ahead of this one.
    /// </summary>
    public TimeSpan? Age { get; init; }

    /// <summary>The worker that holds or last held the task.</summary>
    public string? Worker { get; init; }

    /// <summary>
    /// Which start of that worker: its id among the queue's workers; null for a claim of the original system or an older layout.
    /// </summary>
    public Guid? WorkerId { get; init; }

    /// <summary>Per cent done as reported by the handler, 0 to 100.</summary>
    public double? Progress { get; init; }

    /// <summary>What the handler last said of its progress.</summary>
    public string? ProgressMessage { get; init; }

    /// <summary>
    /// When progress was last reported; before the first report, when the attempt was claimed. Null where nothing tells it.
    /// </summary>
    public DateTimeOffset? ProgressAt { get; init; }

    /// <summary>For a running task: how it is judged; see <see cref="StuckJudge"/>.</summary>
    public StuckVerdict? Verdict { get; init; }

    /// <summary>For a running task: the facts behind <see cref="Verdict"/>.</summary>
    public string? Evidence { get; init; }

    /// <summary>The queue the task was read from, without secrets.</summary>
    public required string Queue { get; init; }

    /// <summary>An opaque mark that differs after every change but heartbeat and progress. A write from this object checks it.</summary>
    public required string Revision { get; init; }

    /// <summary>The token of the claim that holds the task. It fences off late answers; it is no secret.</summary>
    public Guid? ClaimToken { get; init; }

    /// <summary>Something odd in the stored row that a reader should know, such as a time that could not be read.</summary>
    public string? Remark { get; init; }

    /// <summary>The id: what the task is called in a sentence.</summary>
    public override string ToString() => Id;
}
