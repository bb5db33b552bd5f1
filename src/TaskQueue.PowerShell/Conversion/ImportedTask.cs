using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Reads a task's full state from an object with the properties that Get-QueueTask writes.</summary>
internal static class ImportedTask
{
    public static QueueTask Read(PSObject record, DateTimeOffset now, string queue)
    {
        if (record.BaseObject is string)
        {
            throw new TaskValidationException(
                "This is a text, not a task.", "Of a file: Get-Content tasks.json -Raw | ConvertFrom-Json | Import-QueueTask.");
        }

        var reader = new RecordReader(record);
        if (record.BaseObject is QueueTask task)
        {
            return task with { DataJson = reader.ReadJson(nameof(QueueTask.Data)), ResultJson = reader.ReadJson(nameof(QueueTask.Result)) };
        }

        var status = reader.Read<QueueTaskStatus?>(nameof(QueueTask.Status))
            ?? throw new TaskValidationException("The task has no Status.", $"Give it one of {string.Join(", ", StatusNames.All)}.");
        var created = reader.ReadTime(nameof(QueueTask.CreatedAt)) ?? now;
        var started = reader.ReadTime(nameof(QueueTask.StartedAt));
        var completed = reader.ReadTime(nameof(QueueTask.CompletedAt));
        return new QueueTask
        {
            Id = reader.Read<string>(nameof(QueueTask.Id)) ?? Guid.CreateVersion7().ToString(),
            Type = reader.Read<string>(nameof(QueueTask.Type)) ?? "",
            Status = status,
            StatusText = status is QueueTaskStatus.Unknown ? reader.Read<string>(nameof(QueueTask.StatusText)) ?? "" : status.ToText(),
            Priority = reader.Read<int?>(nameof(QueueTask.Priority)) ?? NewTask.DefaultPriority,
            DataJson = reader.ReadJson(nameof(QueueTask.Data)),
            ResultJson = reader.ReadJson(nameof(QueueTask.Result)),
            ErrorMessage = reader.Read<string>(nameof(QueueTask.ErrorMessage)),
            RetryCount = reader.Read<int>(nameof(QueueTask.RetryCount)),
            MaxRetries = reader.Read<int?>(nameof(QueueTask.MaxRetries)) ?? NewTask.DefaultMaxRetries,
            Attempt = reader.Read<int>(nameof(QueueTask.Attempt)),
            Recoveries = reader.Read<int>(nameof(QueueTask.Recoveries)),
            RecoveryHistory = reader.ReadRecoveries(nameof(QueueTask.RecoveryHistory)),
            Timeout = reader.Read<Duration>(nameof(QueueTask.Timeout))?.Value,
            CreatedAt = created,
            DueAt = reader.ReadTime(nameof(QueueTask.DueAt)) ?? created,
            StartedAt = started,
            HeartbeatAt = reader.ReadTime(nameof(QueueTask.HeartbeatAt)),
            LeaseExpiresAt = reader.ReadTime(nameof(QueueTask.LeaseExpiresAt)),
            CompletedAt = completed,
            StateSince = reader.ReadTime(nameof(QueueTask.StateSince)) ?? DefaultStateSince(status, created, started, completed),
            Worker = reader.Read<string>(nameof(QueueTask.Worker)),
            Progress = reader.Read<double?>(nameof(QueueTask.Progress)),
            ProgressMessage = reader.Read<string>(nameof(QueueTask.ProgressMessage)),
            Queue = queue,
            Revision = reader.Read<string>(nameof(QueueTask.Revision)) ?? "",
        };
    }

    private static DateTimeOffset? DefaultStateSince(
        QueueTaskStatus status, DateTimeOffset created, DateTimeOffset? started, DateTimeOffset? completed) => status switch
    {
        QueueTaskStatus.Running => started,
        _ when status.IsFinished() => completed ?? started ?? created,
        _ => created,
    };
}
