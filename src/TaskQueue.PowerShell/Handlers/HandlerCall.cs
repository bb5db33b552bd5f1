using System.Management.Automation;
using System.Management.Automation.Language;

namespace TaskQueue.PowerShell;

/// <summary>
/// How a handler is called. The task is <c>$Task</c> and <c>$_</c>. It is also the value of the parameter Task, or of the first parameter
/// if none is called Task, or <c>$args[0]</c> if there are no parameters. A parameter TaskContext gets the context.
/// </summary>
internal static class HandlerCall
{
    private const string Task = "Task";
    private const string TaskContext = "TaskContext";

    // Everything that is called from here reads this $_, except a process block: it sets $_ by itself, to what comes down its pipeline.
    private const string Beginning = $"param(${Task}, ${TaskContext}) $_ = ${Task}; ";

    /// <summary>
    /// The script that calls the handler. It takes the parameters Task and TaskContext, and as arguments the handler and the mark that it
    /// writes behind the handler's output.
    /// </summary>
    public static string TextFor(ScriptBlockAst code)
    {
        List<ParameterAst> parameters = [.. code.ParamBlock?.Parameters ?? Enumerable.Empty<ParameterAst>()];
        var context = parameters.Find(parameter => IsCalled(parameter, TaskContext));
        var task = parameters.Find(parameter => IsCalled(parameter, Task))
            ?? parameters
                .Where(parameter => parameter != context && parameter.StaticType != typeof(SwitchParameter))
                .OrderBy(PositionOf)
                .FirstOrDefault();
        var isAdvanced = IsAdvanced(code);
        // An advanced handler refuses input that it has no parameter for.
        var isPiped = isAdvanced ? task is not null && TakesPipeline(task) : code.ProcessBlock is not null;
        var call = isPiped ? $"${Task} | & $args[0]" : "& $args[0]";
        if (task is not null && !(isAdvanced && isPiped))
        {
            call += $" -{NameOf(task)} ${Task}";
        }
        else if (code.ParamBlock is null && !isPiped)
        {
            call += $" ${Task}";
        }

        return $"{Beginning}{call}{(context is null ? "" : $" -{NameOf(context)} ${TaskContext}")}; $args[1]";
    }

    /// <summary>True for a line of the script that is made here. It is of no use to the author of a handler.</summary>
    public static bool IsLineOf(string? line) => line?.StartsWith(Beginning, StringComparison.Ordinal) == true;

    private static string NameOf(ParameterAst parameter) => parameter.Name.VariablePath.UserPath;

    private static bool IsCalled(ParameterAst parameter, string name) =>
        NameOf(parameter).Equals(name, StringComparison.OrdinalIgnoreCase)
        || AttributesOf(parameter, "Alias").SelectMany(alias => alias.PositionalArguments).OfType<StringConstantExpressionAst>()
            .Any(alias => alias.Value.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static int PositionOf(ParameterAst parameter) =>
        ArgumentsOf(parameter, "Position")
            .Select(position => position.Argument)
            .OfType<ConstantExpressionAst>()
            .Select(position => position.Value)
            .OfType<int>()
            .FirstOrDefault(int.MaxValue);

    private static bool TakesPipeline(ParameterAst parameter) =>
        ArgumentsOf(parameter, "ValueFromPipeline").Any(
            argument => argument.ExpressionOmitted || argument.Argument.Extent.Text.Equals("$true", StringComparison.OrdinalIgnoreCase));

    private static bool IsAdvanced(ScriptBlockAst code) => code.ParamBlock is { } block
        && (block.Attributes.Any(attribute => IsNamed(attribute, "CmdletBinding"))
            || block.Parameters.Any(parameter => AttributesOf(parameter, "Parameter").Any()));

    private static IEnumerable<NamedAttributeArgumentAst> ArgumentsOf(ParameterAst parameter, string name) =>
        AttributesOf(parameter, "Parameter").SelectMany(attribute => attribute.NamedArguments)
            .Where(argument => argument.ArgumentName.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<AttributeAst> AttributesOf(ParameterAst parameter, string name) =>
        parameter.Attributes.OfType<AttributeAst>().Where(attribute => IsNamed(attribute, name));

    private static bool IsNamed(AttributeAst attribute, string name) =>
        attribute.TypeName.GetReflectionAttributeType()?.Name == $"{name}Attribute";
}
