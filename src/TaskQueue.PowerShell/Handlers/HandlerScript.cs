using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;

namespace TaskQueue.PowerShell;

/// <summary>
/// The code of a script block apart from the runspace it was written in: a ScriptBlock always runs in the runspace that made it,
/// so each handler runspace gets one of its own. Made from the syntax tree, so that errors keep their file and line.
/// </summary>
internal sealed class HandlerScript
{
    // Clean blocks are younger than the library this is compiled with, and there in every PowerShell it runs in.
    private static readonly PropertyInfo CleanBlock = typeof(ScriptBlockAst).GetProperty("CleanBlock")!;

    private static readonly ConstructorInfo MakeWithClean = typeof(ScriptBlockAst).GetConstructor(
    [
        typeof(IScriptExtent), typeof(IEnumerable<UsingStatementAst>), typeof(IEnumerable<AttributeAst>), typeof(ParamBlockAst),
        typeof(NamedBlockAst), typeof(NamedBlockAst), typeof(NamedBlockAst), typeof(NamedBlockAst), typeof(NamedBlockAst),
    ])!;

    private readonly ScriptBlockAst _code;

    /// <exception cref="TaskValidationException">It reads variables of its caller by $using:.</exception>
    public HandlerScript(ScriptBlock script, string parameter)
    {
        _code = CodeOf(script.Ast);
        // What stands in a script block within it, as for ForEach-Object -Parallel, reads the handler's own variables.
        if (_code.Find(node => node is UsingExpressionAst, searchNestedScriptBlocks: false) is UsingExpressionAst found)
        {
            throw new TaskValidationException(
                $"-{parameter} reads {found.Extent.Text}, but it does not run in this session (line {found.Extent.StartLineNumber}).",
                "Give the value with -Variable @{ name = value } and use $name there.");
        }
    }

    /// <summary>True if the script has a parameter of this name.</summary>
    public bool Takes(string parameter) => _code.ParamBlock?.Parameters
        .Any(candidate => candidate.Name.VariablePath.UserPath.Equals(parameter, StringComparison.OrdinalIgnoreCase)) == true;

    /// <summary>A script block that belongs to no runspace yet: it takes that in which it is first run.</summary>
    public ScriptBlock Make() => _code.GetScriptBlock();

    /// <summary>A value for another runspace; script blocks in it are made anew, all else is shared.</summary>
    public static object? ForAnotherRunspace(object? value) =>
        JsonValueWriter.BaseOf(value) is ScriptBlock script ? CodeOf(script.Ast).GetScriptBlock() : value;

    private static ScriptBlockAst CodeOf(Ast script) => script switch
    {
        ScriptBlockAst code => code,
        FunctionDefinitionAst { Parameters: null } function => function.Body,
        FunctionDefinitionAst function => WithParameters(function.Body, function.Parameters),
        _ => throw new TaskValidationException("This kind of script block cannot be a handler.", "Write it as { … }."),
    };

    /// <summary>The body of <c>function name($a) { }</c>, whose parameters do not belong to it, with a param block of them.</summary>
    private static ScriptBlockAst WithParameters(ScriptBlockAst body, IReadOnlyCollection<ParameterAst> parameters)
    {
        var declared = new ParamBlockAst(body.Extent, [], parameters.Select(parameter => (ParameterAst)parameter.Copy()));
        return (ScriptBlockAst)MakeWithClean.Invoke(
        [
            body.Extent,
            null,
            null,
            declared,
            body.BeginBlock?.Copy(),
            body.ProcessBlock?.Copy(),
            body.EndBlock?.Copy(),
            ((Ast?)CleanBlock.GetValue(body))?.Copy(),
            body.DynamicParamBlock?.Copy(),
        ]);
    }
}
