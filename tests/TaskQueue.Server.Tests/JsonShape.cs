using System.Text.Json;
using System.Text.Json.Nodes;

namespace TaskQueue.Server.Tests;

/// <summary>Compares an answer with the keys and types that it must have; it may have more keys.</summary>
internal static class JsonShape
{
    /// <param name="shape">
    /// An object of keys to types: text, number, true/false, any, null in alternatives such as <c>text|null</c>, an object, or a list of
    /// one shape.
    /// </param>
    /// <param name="actual">The answer.</param>
    /// <param name="place">Where in the answer.</param>
    public static void Assert(JsonNode? shape, JsonNode? actual, string place = "$")
    {
        switch (shape)
        {
            case JsonObject keys:
                var given = Xunit.Assert.IsType<JsonObject>(actual);
                foreach (var (key, value) in keys)
                {
                    Xunit.Assert.True(given.ContainsKey(key), $"{place} has no '{key}': {given.ToJsonString()}");
                    Assert(value, given[key], $"{place}.{key}");
                }

                break;
            case JsonArray list:
                Xunit.Assert.All(Xunit.Assert.IsType<JsonArray>(actual), item => Assert(list[0], item, place + "[]"));
                break;
            default:
                var types = shape!.GetValue<string>().Split('|');
                Xunit.Assert.True(types.Contains("any") || types.Contains(TypeOf(actual)), $"{place} is {TypeOf(actual)}, not {shape}.");
                break;
        }
    }

    private static string TypeOf(JsonNode? node) => node?.GetValueKind() switch
    {
        null => "null",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "number",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Object => "object",
        _ => "list",
    };
}
