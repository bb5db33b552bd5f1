using System.Text.Json;
using System.Text.RegularExpressions;

namespace TaskQueue.Server;

/// <summary>Says what is wrong with a request that the framework could not read, without naming .NET types.</summary>
internal static partial class BindingErrors
{
    public static IReadOnlyList<InvalidInput> Describe(BadHttpRequestException error)
    {
        if (error.InnerException is JsonException json)
        {
            return Describe(json);
        }

        return BadValue().Match(error.Message) is { Success: true } value
            ? [new(["query", value.Groups["name"].Value], WrongValue(value.Groups))]
            : [new(["body"], "The request cannot be read. A JSON body is needed where /openapi/v1.json says so.")];
    }

    private static string WrongValue(GroupCollection parts)
    {
        var (name, value, type) = (parts["name"].Value, parts["value"].Value, parts["type"].Value);
        return type.Contains("bool", StringComparison.OrdinalIgnoreCase) ? $"{name} is true or false, not '{value}'."
            : type.Contains("int", StringComparison.OrdinalIgnoreCase) ? $"{name} is a whole number, not '{value}'."
            : $"{name} cannot be '{value}'.";
    }

    private static IReadOnlyList<InvalidInput> Describe(JsonException error)
    {
        if (MissingValues().Match(error.Message) is { Success: true } missing)
        {
            return [.. missing.Groups["name"].Captures.Select(name => new InvalidInput(["body", name.Value], $"{name.Value} is missing."))];
        }

        var path = error.Path ?? "$";
        var message = UnknownName().IsMatch(error.Message)
            ? $"The name at {path} is not known here. /openapi/v1.json lists what there is."
            : $"The body is not JSON of the expected shape, at {path}.";
        return FirstName().Match(path) is { Success: true } place
            ? [new(["body", place.Groups["name"].Value], message)]
            : [new(["body"], message)];
    }

    [GeneratedRegex(
        "^Failed to bind parameter \"(?<type>\\S+) (?<name>\\w+)\" from \"(?<value>.*)\"\\.$",
        RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex BadValue();

    [GeneratedRegex(@"missing required properties including: ('(?<name>\w+)'(, )?)+", RegexOptions.CultureInvariant)]
    private static partial Regex MissingValues();

    [GeneratedRegex("could not be mapped to any \\.NET member", RegexOptions.CultureInvariant)]
    private static partial Regex UnknownName();

    // A name that is not a word is written in brackets.
    [GeneratedRegex(@"^\$(\.(?<name>\w+)|\['(?<name>[^']*)'\])", RegexOptions.CultureInvariant)]
    private static partial Regex FirstName();
}
