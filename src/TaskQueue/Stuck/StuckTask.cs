namespace TaskQueue;

/// <summary>A running task with its judgement: what a cleanup's plan and report are made of.</summary>
public sealed record StuckTask
{
    public required string Id { get; init; }

    public required string Type { get; init; }

    public required string Queue { get; init; }

    /// <summary>Time in <c>running</c> when it was judged; null if no time of the row can be read.</summary>
    public TimeSpan? Age { get; init; }

    public string? Worker { get; init; }

    public required StuckVerdict Verdict { get; init; }

    /// <summary>The facts behind the verdict, in words.</summary>
    public required string Evidence { get; init; }

    /// <summary>False while it is younger than MaxAge: nothing younger is ever touched.</summary>
    public required bool IsOldEnough { get; init; }

    /// <summary>Why it was left alone; null while it is to be cleaned or was.</summary>
    public string? SkipReason { get; init; }

    /// <summary>What would have had it cleaned; null where nothing would.</summary>
    public Advice? SkipAdvice { get; init; }

    /// <summary>The revision that was judged; a cleanup changes no other.</summary>
    public required string Revision { get; init; }

    /// <summary>The claim that was judged.</summary>
    public Guid? ClaimToken { get; init; }

    /// <summary>The lease that was judged.</summary>
    public DateTimeOffset? LeaseExpiresAt { get; init; }

    /// <summary>The last renewal of that lease; null if none is known.</summary>
    public DateTimeOffset? HeartbeatAt { get; init; }

    /// <summary>
    /// True if only its lease, which does not hold, speaks against a worker that could still renew it: no proof says that the process is
    /// gone.
    /// </summary>
    public bool RestsOnLease { get; init; }

    /// <summary>True if the lack of progress convicted it, while its lease holds.</summary>
    public bool MadeNoProgress { get; init; }

    /// <summary>The last report of progress that was judged.</summary>
    public DateTimeOffset? ProgressAt { get; init; }

    public override string ToString() => Id;
}
