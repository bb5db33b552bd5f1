namespace TaskQueue;

/// <summary>– → pending: how a new task begins.</summary>
public static class EnqueueTask
{
    /// <summary>The task as it is to be put in at <paramref name="now"/>.</summary>
    public static QueueTask Apply(NewTask task, string queue, DateTimeOffset now)
    {
        // Whole milliseconds, as stores keep them: the caller sees the task as it will be read.
        var due = DateTimeOffset.FromUnixTimeMilliseconds((task.DueAt ?? now + (task.Delay ?? TimeSpan.Zero)).ToUnixTimeMilliseconds());
        return new QueueTask
        {
            Id = task.Id,
            Type = task.Type,
            Status = QueueTaskStatus.Pending,
            StatusText = QueueTaskStatus.Pending.ToText(),
            Priority = task.Priority,
            DataJson = task.DataJson,
            MaxRetries = task.MaxRetries,
            Timeout = task.Timeout,
            CreatedAt = now,
            DueAt = due,
            Gate = QueueTaskTransitions.GateUntil(due, now),
            StateSince = now,
            Age = TimeSpan.Zero,
            Queue = queue,
            Revision = "",
        };
    }
}
