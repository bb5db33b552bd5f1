namespace TaskQueue;

/// <summary>
/// Judges running tasks: a pure function of the task, what is known of its worker, the time and the limit. Whether a task is old enough to
/// act on is a fact of its own, so that a dead worker's young task is seen as dead and still left alone.
/// </summary>
public static class StuckJudge
{
    /// <summary>The judgement of <paramref name="task"/>, which must be running, at <paramref name="now"/>.</summary>
    /// <param name="task">The task.</param>
    /// <param name="worker">Whether its worker's process lives.</param>
    /// <param name="now">The queue's present time.</param>
    /// <param name="maxAge">From this age on a task counts as stuck.</param>
    /// <param name="progressTimeout">How long it may run without a report of progress; see <see cref="WorkerDirectory.ProgressTimeoutOf"/>.
    /// Null for no limit.</param>
    public static StuckTask Judge(QueueTask task, Liveness worker, DateTimeOffset now, TimeSpan maxAge, TimeSpan? progressTimeout = null)
    {
        var age = task.StateSince is { } since ? now - since : (TimeSpan?)null;
        var isOldEnough = age >= maxAge;
        // A lease that holds is renewed by a worker that lives. Where it has expired, that is the fact to go by.
        var madeNoProgress = worker.State is not LivenessState.Gone && LeaseHolds(task, now) && now - task.ProgressAt >= progressTimeout;
        var verdict = madeNoProgress ? StuckVerdict.Stalled : VerdictOf(task, worker.State, now, isOldEnough);
        return new StuckTask
        {
            Id = task.Id,
            Type = task.Type,
            Queue = task.Queue,
            Age = age,
            Worker = task.Worker,
            Verdict = verdict,
            Evidence = EvidenceOf(task, worker, age, now, madeNoProgress),
            IsOldEnough = isOldEnough,
            Revision = task.Revision,
            ClaimToken = task.ClaimToken,
            LeaseExpiresAt = task.LeaseExpiresAt,
            HeartbeatAt = task.HeartbeatAt,
            RestsOnLease = task is { ClaimToken: not null, LeaseExpiresAt: not null }
                && !LeaseHolds(task, now)
                && worker.State is not LivenessState.Gone,
            MadeNoProgress = madeNoProgress,
            ProgressAt = task.ProgressAt,
        };
    }

    private static StuckVerdict VerdictOf(QueueTask task, LivenessState worker, DateTimeOffset now, bool isOldEnough)
    {
        // Proof goes before every lease: nobody will renew it.
        if (worker is LivenessState.Gone)
        {
            return StuckVerdict.Dead;
        }

        if (task.LeaseExpiresAt is not null)
        {
            return !LeaseHolds(task, now)
                ? worker is LivenessState.Alive ? StuckVerdict.Stalled : StuckVerdict.Dead
                : isOldEnough ? StuckVerdict.Slow : StuckVerdict.Healthy;
        }

        // Without a lease nothing proves life or death: only age counts, and below the limit it says nothing.
        return isOldEnough ? StuckVerdict.Silent : StuckVerdict.Healthy;
    }

    /// <summary>
    /// True while the lease says that its worker lives. One that was written more than its own length in the future says nothing: the clock
    /// was ahead then, and a worker that lives renews its leases at once when its clock is set.
    /// </summary>
    private static bool LeaseHolds(QueueTask task, DateTimeOffset now) =>
        task.LeaseExpiresAt > now && !(task.HeartbeatAt - now > task.LeaseExpiresAt - task.HeartbeatAt);

    private static string EvidenceOf(QueueTask task, Liveness worker, TimeSpan? age, DateTimeOffset now, bool madeNoProgress)
    {
        List<string> facts =
        [
            age switch
            {
                null => "running for an unknown time",
                { Ticks: < 0 } ahead => $"started {Spaced(-ahead)} in the future: the clocks differ",
                { } past => $"running {Spaced(past)}",
            },
        ];
        if (task.LeaseExpiresAt is { } lease)
        {
            var fact = LeaseHolds(task, now) ? $"lease holds for {Spaced(lease - now)}"
                : lease > now ? "lease was written by a clock that was ahead"
                : $"lease expired {Spaced(now - lease)} ago";
            facts.Insert(
                0, LeaseHolds(task, now) || worker.State is not LivenessState.Unknown ? fact : $"{fact}, nothing says its worker lives");
        }

        if (worker.State is not LivenessState.Unknown)
        {
            // A proof of death is the first thing to say.
            facts.Insert(worker.State is LivenessState.Gone ? 0 : facts.Count, $"worker {worker.Evidence}");
        }

        if (task.HeartbeatAt is { } heartbeat)
        {
            facts.Add(heartbeat <= now
                ? $"heartbeat {Spaced(now - heartbeat)} ago"
                : $"heartbeat {Spaced(heartbeat - now)} in the future: the clocks differ");
        }
        else if (task.LeaseExpiresAt is null)
        {
            facts.Insert(0, "no heartbeat data");
        }

        if (worker.State is LivenessState.Unknown && task.Worker is { } name)
        {
            facts.Add($"worker {name}");
        }

        if (task.Progress is { } progress)
        {
            facts.Add(FormattableString.Invariant($"{progress:0.#} %") + (task.ProgressMessage is { } message ? $" \"{message}\"" : null));
        }

        if (madeNoProgress)
        {
            facts.Insert(0, $"no progress for {InMinutes(now - task.ProgressAt!.Value)}");
        }

        if (task.Remark is { } remark)
        {
            facts.Add(remark);
        }

        return string.Join("; ", facts);
    }

    /// <summary>12 m: progress is awaited within minutes, which tenths of an hour would hide.</summary>
    private static string InMinutes(TimeSpan value) => value >= TimeSpan.FromMinutes(1) && value < TimeSpan.FromHours(1)
        ? FormattableString.Invariant($"{Math.Floor(value.TotalMinutes):0} m")
        : Spaced(value);

    /// <summary>66.8 h: in a sentence the unit stands apart.</summary>
    private static string Spaced(TimeSpan value)
    {
        var text = Duration.FormatAge(value);
        return $"{text[..^1]} {text[^1]}";
    }
}
