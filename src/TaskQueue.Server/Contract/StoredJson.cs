using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaskQueue.Server;

/// <summary>JSON as a task carries it. It is written to the letter; text that is not JSON is written as a string.</summary>
[JsonConverter(typeof(Converter))]
internal readonly record struct StoredJson(string Text)
{
    public static StoredJson? Of(string? text) => text is null ? null : new StoredJson(text);

    internal sealed class Converter : JsonConverter<StoredJson>
    {
        public override StoredJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            return new StoredJson(document.RootElement.GetRawText());
        }

        public override void Write(Utf8JsonWriter writer, StoredJson value, JsonSerializerOptions options)
        {
            if (TaskRules.IsReadableJson(value.Text))
            {
                writer.WriteRawValue(value.Text, skipInputValidation: true);
            }
            else
            {
                writer.WriteStringValue(value.Text);
            }
        }
    }
}
