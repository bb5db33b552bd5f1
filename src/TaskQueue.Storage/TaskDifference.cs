using System.Text;
using System.Text.Json;

namespace TaskQueue.Storage;

/// <summary>What a change made of a task: the fields that differ, as JSON of the values before and after.</summary>
internal readonly record struct TaskDifference(string? Before, string? After)
{
    private static readonly (string Name, Func<QueueTask, object?> Read)[] Fields =
    [
        ("status", task => task.StatusText),
        ("priority", task => task.Priority),
        ("dataJson", task => task.DataJson),
        ("resultJson", task => task.ResultJson),
        ("errorMessage", task => task.ErrorMessage),
        ("retryCount", task => task.RetryCount),
        ("maxRetries", task => task.MaxRetries),
        ("attempt", task => task.Attempt),
        ("recoveries", task => task.Recoveries),
        ("dueAt", task => task.DueAt),
        ("startedAt", task => task.StartedAt),
        ("heartbeatAt", task => task.HeartbeatAt),
        ("leaseExpiresAt", task => task.LeaseExpiresAt),
        ("completedAt", task => task.CompletedAt),
        ("stateSince", task => task.StateSince),
        ("workerId", task => task.WorkerId),
        ("claimToken", task => task.ClaimToken),
        ("progress", task => task.Progress),
        ("progressMessage", task => task.ProgressMessage),
    ];

    public static TaskDifference Between(QueueTask before, QueueTask after)
    {
        var changed = Fields.Where(field => !Equals(field.Read(before), field.Read(after))).ToList();
        return changed.Count == 0 ? default : new TaskDifference(Write(changed, before), Write(changed, after));
    }

    private static string Write(List<(string Name, Func<QueueTask, object?> Read)> fields, QueueTask task)
    {
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, read) in fields)
            {
                writer.WritePropertyName(name);
                switch (read(task))
                {
                    case null: writer.WriteNullValue(); break;
                    case int number: writer.WriteNumberValue(number); break;
                    case double number: writer.WriteNumberValue(number); break;
                    case DateTimeOffset time: writer.WriteNumberValue(time.ToUnixTimeMilliseconds()); break;
                    case var other: writer.WriteStringValue(other.ToString()); break;
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
