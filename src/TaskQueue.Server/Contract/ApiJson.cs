using System.Text.Encodings.Web;
using System.Text.Json;

namespace TaskQueue.Server;

/// <summary>How JSON is read and written: names in the original's snake_case, text as it is.</summary>
internal static class ApiJson
{
    // As deep as the engine reads a task's data.
    private const int Deepest = 256;

    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DictionaryKeyPolicy = null;
        options.PropertyNameCaseInsensitive = false;
        options.MaxDepth = Deepest;
        // Answers are JSON and declared as nothing else (nosniff), so nothing in them needs to be escaped for HTML.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
        return options;
    }
}
