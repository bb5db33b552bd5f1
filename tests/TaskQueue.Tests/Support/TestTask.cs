namespace TaskQueue.Tests;

/// <summary>A task as the engine leaves it in each status.</summary>
internal static class TestTask
{
    public static readonly DateTimeOffset Now = new(2025, 12, 19, 8, 54, 56, TimeSpan.Zero);
    public static readonly DateTimeOffset Created = Now.AddHours(-5);
    public static readonly DateTimeOffset Since = Now.AddHours(-3);
    public static readonly DateTimeOffset Lease = Now.AddHours(-2);
    public static readonly Guid Token = Guid.Parse("11111111-1111-4111-8111-111111111111");
    public static readonly Guid OtherToken = Guid.Parse("22222222-2222-4222-8222-222222222222");

    private static readonly RecoveryHistory Recovered = new RecoveryHistory().With(Created, hadBegun: true);

    public static QueueTask In(QueueTaskStatus status)
    {
        var task = new QueueTask
        {
            Id = "render-881",
            Type = "render",
            Status = status,
            StatusText = status is QueueTaskStatus.Unknown ? "paused" : status.ToText(),
            Gate = status.IsWaiting() ? TaskGate.Open : null,
            DataJson = """{"file":"a.mov"}""",
            Attempt = 2,
            CreatedAt = Created,
            DueAt = Created,
            StateSince = Since,
            Age = Now - Since,
            Queue = "./task_queue.db",
            Revision = "7",
        };
        return status switch
        {
            QueueTaskStatus.Retry =>
                task with
                {
                    RetryCount = 1, Recoveries = 1, RecoveryHistory = Recovered, ErrorMessage = "disk full", Worker = "web01:4711",
                    ClaimToken = Token,
                },
            QueueTaskStatus.Running => task with
            {
                RetryCount = 1,
                Recoveries = 1,
                Worker = "web01:4711",
                ClaimToken = Token,
                RecoveryHistory = Recovered,
                StartedAt = Since,
                BegunAt = Since,
                HeartbeatAt = Lease.AddMinutes(-1),
                LeaseExpiresAt = Lease,
                Progress = 40,
                ProgressMessage = "encoding",
                Verdict = StuckVerdict.Dead,
                Evidence = "lease expired",
            },
            QueueTaskStatus.Success => Finished(task) with { ResultJson = "[1]" },
            QueueTaskStatus.Failed => Finished(task) with { ErrorMessage = "disk full", RetryCount = 3 },
            QueueTaskStatus.Cancelled => task with { CompletedAt = Since },
            _ => task,
        };
    }

    /// <summary>The judgement that convicted a running task.</summary>
    public static StuckTask Judged(QueueTask task) => StuckJudge.Judge(task, Liveness.Unknown, Now, StuckPolicy.DefaultMaxAge);

    private static QueueTask Finished(QueueTask task) => task with
    {
        ClaimToken = Token,
        Worker = "web01:4711",
        StartedAt = Since.AddMinutes(-1),
        HeartbeatAt = Since,
        CompletedAt = Since,
        Recoveries = 2,
        RecoveryHistory = Recovered.With(Created, hadBegun: true),
        Progress = 100,
    };
}
