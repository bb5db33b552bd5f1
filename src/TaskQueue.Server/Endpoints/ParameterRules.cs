using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace TaskQueue.Server;

/// <summary>
/// Checks the values of a call against the annotations of the handler's parameters. The API's description is made from the same
/// annotations.
/// </summary>
internal static class ParameterRules
{
    public static EndpointFilterDelegate Create(EndpointFilterFactoryContext context, EndpointFilterDelegate next)
    {
        List<(int Index, string Name, ValidationAttribute[] Rules)> ruled =
        [
            .. context.MethodInfo.GetParameters()
                .Select((parameter, index) => (index, parameter.Name!, parameter.GetCustomAttributes<ValidationAttribute>().ToArray()))
                .Where(parameter => parameter.Item3.Length > 0),
        ];
        var known = context.MethodInfo.GetParameters().Select(parameter => parameter.Name!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return invocation =>
        {
            List<InvalidInput> problems =
            [
                .. UnknownNames(invocation.HttpContext, known),
                .. ruled.SelectMany(parameter => parameter.Rules
                    .Where(rule => !rule.IsValid(invocation.Arguments[parameter.Index]))
                    .Select(rule => new InvalidInput(["query", parameter.Name], rule.FormatErrorMessage(parameter.Name)))),
            ];
            return problems.Count == 0 ? next(invocation) : throw new ValidationException(problems);
        };
    }

    /// <summary>
    /// The unknown names in the query of a call that changes something. A misspelt name such as 'dryrun' or 'max_age' must not be ignored,
    /// since the change would be made without it. Calls that only read ignore unknown names, as the original did.
    /// </summary>
    private static IEnumerable<InvalidInput> UnknownNames(HttpContext context, HashSet<string> known) =>
        HttpMethods.IsGet(context.Request.Method) && context.GetEndpoint()?.Metadata.GetMetadata<ChangesByGet>() is null
            ? []
            : context.Request.Query.Keys.Where(name => !known.Contains(name))
                .Select(
                    name => new InvalidInput(
                        ["query", name], $"There is no '{name}' here, and nothing was changed. /openapi/v1.json lists what there is."));
}
