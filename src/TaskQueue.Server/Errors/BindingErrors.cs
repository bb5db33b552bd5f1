using System.Text.Json;
using System.Text.RegularExpressions;

namespace TaskQueue.Server.Errors;

/// <summary>What is wrong with a request that the framework could not read, in words that do not speak of its types.</summary>
internal static partial class BindingErrors
{
    public static InvalidInput Describe(BadHttpRequestException error)
    {
        if (error.InnerException is JsonException json)
        {
            return new InvalidInput(["body"], $"The body is not JSON of the expected shape, at {json.Path ?? "$"}.");
        }

        return BadValue().Match(error.Message) is { Success: true } value
            ? new InvalidInput(["query", value.Groups["name"].Value], $"{value.Groups["name"].Value} cannot be '{value.Groups["value"].Value}'.")
            : new InvalidInput(["body"], "The request cannot be read. A JSON body is needed where /openapi/v1.json says so.");
    }

    [GeneratedRegex("^Failed to bind parameter \"\\S+ (?<name>\\w+)\" from \"(?<value>.*)\"\\.$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex BadValue();
}
