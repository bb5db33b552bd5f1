using System.Buffers;
using System.Text;
using System.Text.Json;

namespace TaskQueue.Storage;

/// <summary>What a change made of a task: the fields that differ, as JSON of the values before and after.</summary>
internal readonly record struct TaskDifference(string? Before, string? After)
{
    private const string StatusField = "status";

    private static readonly HashSet<string> MovedByHeartbeats =
        new(["begunAt", "heartbeatAt", "leaseExpiresAt", "progress", "progressMessage", "progressAt"], StringComparer.Ordinal);

    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true };

    private static readonly Field[] Fields =
    [
        Field.Of(StatusField, task => task.StatusText, (task, value) => task with { StatusText = value.GetString()!, Status = StatusNames.Parse(value.GetString()) }),
        Field.Of("type", task => task.Type, (task, value) => task with { Type = value.GetString()! }),
        Field.Of("timeout", task => task.Timeout?.TotalMilliseconds, (task, value) => task with { Timeout = value.ValueKind is JsonValueKind.Null ? null : TimeSpan.FromMilliseconds(value.GetDouble()) }),
        Field.Of("priority", task => task.Priority, (task, value) => task with { Priority = value.GetInt32() }),
        Field.Of("dataJson", task => task.DataJson, (task, value) => task with { DataJson = value.GetString() }),
        Field.Of("resultJson", task => task.ResultJson, (task, value) => task with { ResultJson = value.GetString() }),
        Field.Of("errorMessage", task => task.ErrorMessage, (task, value) => task with { ErrorMessage = value.GetString() }),
        Field.Of("retryCount", task => task.RetryCount, (task, value) => task with { RetryCount = value.GetInt32() }),
        Field.Of("maxRetries", task => task.MaxRetries, (task, value) => task with { MaxRetries = value.GetInt32() }),
        Field.Of("attempt", task => task.Attempt, (task, value) => task with { Attempt = value.GetInt32() }),
        Field.Of("recoveries", task => task.Recoveries, (task, value) => task with { Recoveries = value.GetInt32() }),
        Field.Of("recoveryHistory", task => task.RecoveryHistory.Text, (task, value) => task with { RecoveryHistory = new(value.GetString()) }),
        Field.Of("dueAt", task => task.DueAt, (task, value) => task with { DueAt = Time(value) }),
        Field.Of("startedAt", task => task.StartedAt, (task, value) => task with { StartedAt = Time(value) }),
        Field.Of("begunAt", task => task.BegunAt, (task, value) => task with { BegunAt = Time(value) }),
        Field.Of("heartbeatAt", task => task.HeartbeatAt, (task, value) => task with { HeartbeatAt = Time(value) }),
        Field.Of("leaseExpiresAt", task => task.LeaseExpiresAt, (task, value) => task with { LeaseExpiresAt = Time(value) }),
        Field.Of("completedAt", task => task.CompletedAt, (task, value) => task with { CompletedAt = Time(value) }),
        Field.Of("stateSince", task => task.StateSince, (task, value) => task with { StateSince = Time(value) }),
        Field.Of("workerId", task => task.WorkerId, (task, value) => task with { WorkerId = Identifier(value) }),
        Field.Of("claimToken", task => task.ClaimToken, (task, value) => task with { ClaimToken = Identifier(value) }),
        Field.Of("progress", task => task.Progress, (task, value) => task with { Progress = value.ValueKind is JsonValueKind.Null ? null : value.GetDouble() }),
        Field.Of("progressMessage", task => task.ProgressMessage, (task, value) => task with { ProgressMessage = value.GetString() }),
        Field.Of("progressAt", task => task.ProgressAt, (task, value) => task with { ProgressAt = Time(value) }),
    ];

    /// <summary>The difference; of a task that was removed or put in, its status alone.</summary>
    public static TaskDifference Between(QueueTask? before, QueueTask? after)
    {
        if (before is null || after is null)
        {
            return new TaskDifference(StatusOf(before), StatusOf(after));
        }

        List<Field> changed = new(Fields.Length);
        foreach (var field in Fields)
        {
            if (field.Differs(before, after))
            {
                changed.Add(field);
            }
        }

        return changed.Count == 0 ? default : new TaskDifference(Write(changed, before), Write(changed, after));
    }

    /// <summary>The task with the fields of one side of a difference; null if that cannot be read.</summary>
    public static QueueTask? Apply(QueueTask task, string json) => Read<QueueTask?>(
        json,
        root => Fields.Aggregate(task, (changed, field) => root.TryGetProperty(field.Name, out var value) ? field.Apply(changed, value) : changed));

    /// <summary>
    /// True if the task still has the fields of one side of a difference, but for those that a heartbeat moves: what was changed without
    /// a new revision, as within the same second in the original's layout, shows here.
    /// </summary>
    public static bool Holds(QueueTask task, string? json) => json is null || Read(
        json,
        root => Fields.Where(field => !MovedByHeartbeats.Contains(field.Name)).All(
            field => !root.TryGetProperty(field.Name, out var value) || !field.Differs(field.Apply(task, value), task)));

    /// <summary>The status in one side of a difference; null if it is not in it.</summary>
    public static string? StatusIn(string? json) =>
        json is null ? null : Read(json, root => root.TryGetProperty(StatusField, out var status) ? status.GetString() : null);

    /// <summary>True if one side of a difference holds what a task carries.</summary>
    public static bool HoldsPayload(string? json) =>
        json is not null && Read(json, root => root.TryGetProperty("dataJson", out _) || root.TryGetProperty("resultJson", out _));

    private static T? Read<T>(string json, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            return default;
        }
    }

    private static string? StatusOf(QueueTask? task) => task is null ? null : Write(Fields.Where(field => field.Name == StatusField), task);

    private static string Write(IEnumerable<Field> fields, QueueTask task)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, Unchecked))
        {
            writer.WriteStartObject();
            foreach (var field in fields)
            {
                writer.WritePropertyName(field.Name);
                switch (field.Read(task))
                {
                    case null: writer.WriteNullValue(); break;
                    case int number: writer.WriteNumberValue(number); break;
                    case double number: writer.WriteNumberValue(number); break;
                    case DateTimeOffset time: WriteTime(writer, time); break;
                    case var other: writer.WriteStringValue(other.ToString()); break;
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>In milliseconds: our own layout knows no other times, the original's knows parts of them.</summary>
    private static void WriteTime(Utf8JsonWriter writer, DateTimeOffset time)
    {
        var (whole, rest) = Math.DivRem(time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks, TimeSpan.TicksPerMillisecond);
        if (rest == 0)
        {
            writer.WriteNumberValue(whole);
        }
        else
        {
            writer.WriteNumberValue(whole + (rest / (decimal)TimeSpan.TicksPerMillisecond));
        }
    }

    private static DateTimeOffset? Time(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        _ when value.TryGetInt64(out var whole) => DateTimeOffset.FromUnixTimeMilliseconds(whole),
        _ => DateTimeOffset.UnixEpoch.AddTicks((long)(value.GetDecimal() * TimeSpan.TicksPerMillisecond)),
    };

    private static Guid? Identifier(JsonElement value) => value.ValueKind is JsonValueKind.Null ? null : value.GetGuid();

    private sealed record Field(
        string Name, Func<QueueTask, object?> Read, Func<QueueTask, QueueTask, bool> Differs, Func<QueueTask, JsonElement, QueueTask> Apply)
    {
        public static Field Of<T>(string name, Func<QueueTask, T> read, Func<QueueTask, JsonElement, QueueTask> apply) =>
            new(name, task => read(task), (one, other) => !EqualityComparer<T>.Default.Equals(read(one), read(other)), apply);
    }
}
