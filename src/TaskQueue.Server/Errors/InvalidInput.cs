using System.Text.Json.Serialization;

namespace TaskQueue.Server;

/// <summary>One thing that is wrong with a request, in the shape the original's framework gives it.</summary>
/// <param name="Loc">Where: <c>query</c>, <c>path</c> or <c>body</c>, and the name of the value.</param>
/// <param name="Msg">What is wrong, and what to give instead.</param>
internal sealed record InvalidInput(IReadOnlyList<string> Loc, string Msg)
{
    [JsonPropertyOrder(1)]
    public string Type { get; } = "value_error";
}
