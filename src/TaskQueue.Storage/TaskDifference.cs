using System.Buffers;
using System.Text;
using System.Text.Json;

namespace TaskQueue.Storage;

/// <summary>What a change made of a task: the fields that differ, as JSON of the values before and after.</summary>
internal readonly record struct TaskDifference(string? Before, string? After)
{
    private static readonly JsonWriterOptions Unchecked = new() { SkipValidation = true };

    private const int UsualBytes = 1024;
    private const int MostKeptBytes = 64 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    private static readonly IReadOnlyList<FieldColumn> Fields = TaskColumns.InLog;
    private static readonly FieldColumn[] Status = [TaskColumns.Status];

    /// <summary>The difference; of a task that was removed or put in, its status alone.</summary>
    public static TaskDifference Between(QueueTask? before, QueueTask? after)
    {
        if (before is null || after is null)
        {
            return new TaskDifference(StatusOf(before), StatusOf(after));
        }

        List<FieldColumn> changed = new(Fields.Count);
        for (var index = 0; index < Fields.Count; index++)
        {
            if (Fields[index].Differs(before, after))
            {
                changed.Add(Fields[index]);
            }
        }

        return changed.Count == 0 ? default : new TaskDifference(Write(changed, before), Write(changed, after));
    }

    /// <summary>The task with the fields of one side of a difference; null if that cannot be read.</summary>
    public static QueueTask? Apply(QueueTask task, string json) => Read<QueueTask?>(
        json,
        root =>
        {
            var changed = task with { };
            foreach (var field in Fields)
            {
                if (root.TryGetProperty(field.LogName!, out var value))
                {
                    field.ReadJson(value, changed);
                }
            }

            return changed;
        });

    /// <summary>
    /// True if the task still has the fields of one side of a difference, except for those that a heartbeat changes. A change without a new
    /// revision, as within one second in the original's layout, shows here.
    /// </summary>
    public static bool Holds(QueueTask task, string? json) =>
        json is null
        || (Apply(task, json) is { } recorded && Fields.All(field => field.IsMovedByHeartbeats || !field.Differs(recorded, task)));

    /// <summary>
    /// The task, with the fields that heartbeats change taken from another state of it: under a claim that goes on, they are no decision.
    /// </summary>
    public static QueueTask WithHeartbeatsOf(QueueTask task, QueueTask other)
    {
        var changed = task with { };
        foreach (var field in Fields.Where(field => field.IsMovedByHeartbeats))
        {
            field.Copy(other, changed);
        }

        return changed;
    }

    /// <summary>The status in one side of a difference; null if it is not in it.</summary>
    public static string? StatusIn(string? json) => json is null
        ? null
        : Read(json, root => root.TryGetProperty(TaskColumns.Status.LogName!, out var status) ? status.GetString() : null);

    /// <summary>True if one side of a difference holds what a task carries.</summary>
    public static bool HoldsPayload(string? json) =>
        json is not null && Read(json, root => Fields.Any(field => field.IsPayload && root.TryGetProperty(field.LogName!, out _)));

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

    private static string? StatusOf(QueueTask? task) => task is null ? null : Write(Status, task);

    private static string Write(IReadOnlyList<FieldColumn> fields, QueueTask task)
    {
        // A stop of many tasks writes two of these a task: buffer and writer are used again, unless a large text has been in them.
        var buffer = t_buffer ??= new ArrayBufferWriter<byte>(UsualBytes);
        var writer = t_writer ??= new Utf8JsonWriter(buffer, Unchecked);
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        writer.WriteStartObject();
        for (var index = 0; index < fields.Count; index++)
        {
            writer.WritePropertyName(fields[index].LogName!);
            fields[index].WriteJson(writer, task);
        }

        writer.WriteEndObject();
        writer.Flush();
        var json = Encoding.UTF8.GetString(buffer.WrittenSpan);
        if (buffer.Capacity > MostKeptBytes)
        {
            t_buffer = null;
            t_writer = null;
        }

        return json;
    }
}
