using System.Text.Json.Nodes;
using CsCheck;

namespace TaskQueue.Server.Tests;

/// <summary>
/// Calls made from the server's own description: of every route, with values of the types it says, with others, and with bodies that are
/// damaged.
/// </summary>
internal static class DescribedCalls
{
    private static readonly Gen<string> OddText = Gen.OneOf(
        Gen.String[0, 40],
        Gen.OneOfConst(
            "", " ", "0", "-1", "1e308", "NaN", "null", "true", "%", "../..", "a/b", "a%2Fb", "\0", "\uD800", "' OR 1=1 --", "秋日", "🍂",
            new string('x', 2000)));

    // Ids that are in the queue, so that calls get past the first look.
    private static readonly Gen<string> Id = Gen.Frequency((3, Gen.Int[0, 29].Select(number => $"task-{number}")), (1, OddText));

    private static readonly Gen<string> Boolean = Gen.OneOfConst("true", "false", "False", "1");

    private static readonly Gen<string> Number = Gen.OneOf(
        Gen.Int[-2, 1100].Select(value => $"{value}"), Gen.Double.Select(value => FormattableString.Invariant($"{value:R}")));

    /// <summary>Method, address and body of calls of all routes in an OpenAPI document.</summary>
    public static Gen<(string Method, string Path, string? Body)> Of(JsonNode document)
    {
        Gen<(string, string, string?)>[] routes =
        [
            .. document["paths"]!
                .AsObject()
                .SelectMany(path => path.Value!.AsObject().Select(route => Call(document, path.Key, route.Key, route.Value!))),
        ];
        return Gen.Int[0, routes.Length - 1].SelectMany(index => routes[index]);
    }

    private static Gen<(string, string, string?)> Call(JsonNode document, string path, string method, JsonNode route)
    {
        JsonObject[] parameters = [.. (route["parameters"]?.AsArray() ?? []).Select(parameter => parameter!.AsObject())];
        var place = parameters.Where(parameter => (string?)parameter["in"] == "path").Select(parameter => (string)parameter["name"]!)
            .Aggregate(
                Gen.Const(path),
                (
                    text,
                    name) => Gen.Select(
                        text, Id, (so, id) => so.Replace($"{{{name}}}", Uri.EscapeDataString(id), StringComparison.Ordinal)));
        var query = parameters.Where(parameter => (string?)parameter["in"] == "query")
            .Aggregate(
                Gen.Const(""), (text, parameter) => Gen.Select(text, Gen.Bool, Value(document, parameter["schema"]), (so, isGiven, value) =>
                    isGiven ? $"{so}{(so.Length == 0 ? '?' : '&')}{parameter["name"]}={Uri.EscapeDataString(value)}" : so));
        var schema = route["requestBody"]?["content"]?["application/json"]?["schema"];
        var body = schema is null ? Gen.Const((string?)null) : Body(document, schema);
        return Gen.Select(place, query, body, (at, with, sent) => (method.ToUpperInvariant(), at + with, sent));
    }

    private static Gen<string> Value(JsonNode document, JsonNode? schema) => TypeOf(Resolved(document, schema)) switch
    {
        "boolean" => Gen.Frequency((4, Boolean), (1, OddText)),
        "integer" or "number" => Gen.Frequency((4, Number), (1, OddText)),
        _ => Gen.Frequency((1, Gen.OneOfConst("work", "pending", "cleanup", "3")), (2, OddText)),
    };

    private static Gen<string?> Body(JsonNode document, JsonNode schema)
    {
        var whole = Json(document, schema);
        return Gen.Frequency(
            (6, whole),
            // Cut off anywhere.
            (2, Gen.Select(whole, Gen.Double[0, 1], (text, part) => text[..(int)(text.Length * part)])),
            (1, OddText),
            (1, Gen.Const(new string('[', 5000)))).Select(text => (string?)text);
    }

    private static Gen<string> Json(JsonNode document, JsonNode? schema)
    {
        var resolved = Resolved(document, schema);
        var text = OddText.Select(value => JsonValue.Create(value.Replace("\uD800", "\\", StringComparison.Ordinal))!.ToJsonString());
        var right = TypeOf(resolved) switch
        {
            "object" => (resolved!["properties"]?.AsObject() ?? []).Aggregate(
                Gen.Const(""),
                (so, property) => Gen.Select(so, Gen.Int[0, 3], Json(document, property.Value), (members, given, value) =>
                    given == 0 ? members : $"{members}{(members.Length == 0 ? "" : ",")}\"{property.Key}\":{value}"))
                .Select(members => $"{{{members}}}"),
            "array" =>
                Gen.OneOf(
                    Id.Select(id => JsonValue.Create(id.Replace("\uD800", "", StringComparison.Ordinal))!.ToJsonString()),
                    Json(document, resolved!["items"])).Array[0, 5].Select(items => $"[{string.Join(',', items)}]"),
            "integer" or "number" =>
                Number.Select(number => double.TryParse(number, out var value) && double.IsFinite(value) ? number : "0"),
            "boolean" => Gen.OneOfConst("true", "false"),
            _ => text,
        };
        return Gen.Frequency((8, right), (1, Gen.OneOfConst("null", "[]", "{}", "1e999", "\"\\ud800\"", "{\"a\":{\"a\":{}}}")), (1, text));
    }

    private static JsonNode? Resolved(JsonNode document, JsonNode? schema) =>
        (string?)schema?["$ref"] is { } reference ? document["components"]!["schemas"]![reference.Split('/')[^1]] : schema;

    /// <summary>A schema may have several types, such as integer, string (of digits) and null: the first that says most.</summary>
    private static string? TypeOf(JsonNode? schema) => schema?["type"] switch
    {
        JsonArray types => types.Select(type => (string?)type).FirstOrDefault(type => type is not ("null" or "string")) ?? "string",
        JsonValue type => (string?)type,
        _ => null,
    };
}
