using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TaskQueue;

/// <summary>The task as a program reads it: one line of JSON in UTF-8.</summary>
internal static class TaskInput
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Of(QueueTask task)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("id", task.Id);
            writer.WriteString("type", task.Type);
            writer.WritePropertyName("data");
            WriteJson(writer, task.DataJson);
            writer.WriteNumber("priority", task.Priority);
            writer.WriteNumber("attempt", task.Attempt);
            writer.WriteNumber("retryCount", task.RetryCount);
            writer.WriteNumber("maxRetries", task.MaxRetries);
            writer.WriteNumber("recoveries", task.Recoveries);
            WriteTime(writer, "createdAt", task.CreatedAt);
            WriteTime(writer, "dueAt", task.DueAt);
            WriteTime(writer, "startedAt", task.StartedAt);
            writer.WritePropertyName("timeoutSeconds");
            if (task.Timeout is { } timeout)
            {
                writer.WriteNumberValue(timeout.TotalSeconds);
            }
            else
            {
                writer.WriteNullValue();
            }

            writer.WriteString("queue", task.Queue);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    // Data that is no JSON reaches the program as text, like everything that shows it.
    private static void WriteJson(Utf8JsonWriter writer, string? json)
    {
        if (json is null)
        {
            writer.WriteNullValue();
        }
        else if (JsonText.IsReadable(json))
        {
            // Not as it is: it may have line breaks between its parts.
            using var document = JsonDocument.Parse(json, JsonText.Options);
            document.RootElement.WriteTo(writer);
        }
        else
        {
            // Half of a surrogate pair, which the writer refuses, becomes a replacement character.
            writer.WriteStringValue(Encoding.UTF8.GetBytes(json));
        }
    }

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } known)
        {
            writer.WriteString(name, known.UtcDateTime);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
