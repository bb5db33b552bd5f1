using System.ComponentModel.DataAnnotations;
using System.Reflection;
using TaskQueue.Server.Errors;
using ValidationException = TaskQueue.Server.Errors.ValidationException;

namespace TaskQueue.Server.Endpoints;

/// <summary>Holds callers to what a handler's parameters are annotated with, which is also what the API's description tells.</summary>
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
        return ruled.Count == 0 ? next : invocation =>
        {
            List<InvalidInput> problems =
            [
                .. ruled.SelectMany(parameter => parameter.Rules
                    .Where(rule => !rule.IsValid(invocation.Arguments[parameter.Index]))
                    .Select(rule => new InvalidInput(["query", parameter.Name], rule.FormatErrorMessage(parameter.Name)))),
            ];
            return problems.Count == 0 ? next(invocation) : throw new ValidationException(problems);
        };
    }
}
