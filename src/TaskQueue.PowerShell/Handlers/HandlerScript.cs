using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;

namespace TaskQueue.PowerShell;

/// <summary>
/// The code of a handler, independent of the runspace it was written in. A ScriptBlock always runs in the runspace that made it, so each
/// handler runspace gets one of its own. It is made from the syntax tree, so that errors keep their file and line. A script file is called
/// by its path instead, as everywhere. A function of a module is called by its name, since it needs its module.
/// </summary>
internal sealed class HandlerScript
{
    // Clean blocks are newer than the library that this is compiled with. Every PowerShell in which it runs has them.
    private static readonly PropertyInfo CleanBlock = typeof(ScriptBlockAst).GetProperty("CleanBlock")!;

    private static readonly ConstructorInfo MakeWithClean = typeof(ScriptBlockAst).GetConstructor(
    [
        typeof(IScriptExtent), typeof(IEnumerable<UsingStatementAst>), typeof(IEnumerable<AttributeAst>), typeof(ParamBlockAst),
        typeof(NamedBlockAst), typeof(NamedBlockAst), typeof(NamedBlockAst), typeof(NamedBlockAst), typeof(NamedBlockAst),
    ])!;

    private readonly ScriptBlockAst _code;
    private readonly string _parameter;
    private readonly string? _command;
    private readonly IReadOnlyList<VariableExpressionAst> _variables;
    private readonly IReadOnlyList<CommandAst> _commands;

    /// <param name="script">The script block.</param>
    /// <param name="parameter">The name of the parameter, for messages.</param>
    /// <param name="caller">The session of the caller.</param>
    /// <exception cref="TaskValidationException">The script reads variables of its caller by $using:.</exception>
    public HandlerScript(ScriptBlock script, string parameter, SessionState caller)
        : this(
            CodeOf(script.Ast), null, parameter,
            [caller, .. script.Module is { } module ? [module.SessionState] : Array.Empty<SessionState>()])
    {
    }

    private HandlerScript(ScriptBlockAst code, string? command, string parameter, IReadOnlyList<SessionState> callers)
    {
        _code = code;
        _command = command;
        _parameter = parameter;
        Call = HandlerCall.TextFor(code);
        // Script blocks within it are not searched: in one for ForEach-Object -Parallel, $using: reads the handler's own variables.
        if (_code.Find(node => node is UsingExpressionAst, searchNestedScriptBlocks: false) is UsingExpressionAst found)
        {
            throw new TaskValidationException(
                $"-{parameter} reads {found.Extent.Text}, but it does not run in this session (line {found.Extent.StartLineNumber}).",
                "Give the value with -Variable @{ name = value } and use $name there.");
        }

        _variables = [.. ScriptVariables.ReadButNeverSet(code).Where(read => callers.Any(caller => HasValue(caller.PSVariable, read)))];
        _commands = [.. ScriptCommands.CalledButNeverDefined(code).Where(
            call => callers.Any(caller => ScriptCommands.IsFunctionOrAliasOf(caller, call.GetCommandName())))];
    }

    /// <summary>The script that calls it for a task; see <see cref="HandlerCall"/>.</summary>
    public string Call { get; }

    /// <summary>The path of the module that the script belongs to, to be imported where it is called; null for none.</summary>
    public string? Module { get; private init; }

    /// <summary>A function.</summary>
    public static HandlerScript OfFunction(FunctionInfo function, string parameter, SessionState caller) =>
        function.Module is { Path: var path } module && File.Exists(path)
            ? new HandlerScript(CodeOf(function.ScriptBlock.Ast), $"{module.Name}\\{function.Name}", parameter, []) { Module = path }
            : new HandlerScript(function.ScriptBlock, parameter, caller);

    /// <summary>A script file.</summary>
    /// <exception cref="TaskValidationException">The file cannot be read, or is not a script.</exception>
    public static HandlerScript OfFile(string path, string parameter, SessionState caller)
    {
        if (!File.Exists(path))
        {
            throw new TaskValidationException($"There is no script '{path}'.", "Give the path of a .ps1 file.");
        }

        var code = Parser.ParseFile(path, out _, out var errors);
        return errors.FirstOrDefault() is { } error
            ? throw new TaskValidationException(
                $"'{path}' is not a script that can run: {error.Message} (line {error.Extent.StartLineNumber})", "Correct the script.")
            : new HandlerScript(code, path, parameter, [caller]);
    }

    /// <summary>
    /// Throws if the script needs variables, functions or aliases that its caller has and the handlers' runspace does not have.
    /// </summary>
    /// <param name="runspace">The variables of the handlers' runspace.</param>
    /// <param name="hasCommand">Tells whether the handlers' runspace finds a command of this name, perhaps by loading its module.</param>
    public void EnsureKnows(PSVariableIntrinsics runspace, Predicate<string> hasCommand)
    {
        EnsureKnowsVariables(runspace);
        List<CommandAst> missing = [.. _commands.Where(call => !hasCommand(call.GetCommandName()))];
        if (missing.Count > 0)
        {
            var names = string.Join(", ", missing.Select(call => call.GetCommandName()));
            throw new TaskValidationException(
                $"-{_parameter} calls {names}, which only this session has; handlers do not "
                    + $"run in this session (line {missing[0].Extent.StartLineNumber}).",
                "Put it into a module and name that with -ImportModule, or define it with -InitializationScript, such as { . "
                    + "./functions.ps1 }.");
        }
    }

    private void EnsureKnowsVariables(PSVariableIntrinsics runspace)
    {
        var missing = _variables
            .Where(read => runspace.Get(ScriptVariables.PathOf(read)) is null)
            .DistinctBy(ScriptVariables.NameOf, StringComparer.OrdinalIgnoreCase)
            .ToList();
        if (missing.Count > 0)
        {
            throw new TaskValidationException(
                $"-{_parameter} reads {string.Join(", ", missing.Select(read => read.Extent.Text))}, but it does not "
                    + $"run in this session (line {missing[0].Extent.StartLineNumber}).",
                "Give the value with -Variable "
                    + "@{ "
                    + string.Join("; ", missing.Select(read => $"{ScriptVariables.NameOf(read)} = ${ScriptVariables.NameOf(read)}"))
                    + " }, or set the variable in the script before it is read.");
        }
    }

    /// <summary>
    /// What a runspace calls: the name of a function or file, or a script block. The script block belongs to no runspace yet; it takes the
    /// one in which it first runs.
    /// </summary>
    public object Make() => (object?)_command ?? _code.GetScriptBlock();

    /// <summary>A value for another runspace. A script block is made anew; any other value is shared.</summary>
    public static object? ForAnotherRunspace(object? value) =>
        JsonValueWriter.BaseOf(value) is ScriptBlock script ? CodeOf(script.Ast).GetScriptBlock() : value;

    // Two kinds of variables do not count. One that a module exports comes with the module, which the script may load by using its
    // commands. One without a value reads the same as a missing one.
    private static bool HasValue(PSVariableIntrinsics caller, VariableExpressionAst read) =>
        caller.Get(ScriptVariables.PathOf(read)) is { Value: not null } variable && string.IsNullOrEmpty(variable.ModuleName);

    private static ScriptBlockAst CodeOf(Ast script) => script switch
    {
        ScriptBlockAst code => code,
        FunctionDefinitionAst { Parameters: null } function => function.Body,
        FunctionDefinitionAst function => WithParameters(function.Body, function.Parameters),
        _ => throw new TaskValidationException("This kind of script block cannot be a handler.", "Write it as { … }."),
    };

    /// <summary>The body of <c>function name($a) { }</c> with a param block. The parameters are not a part of the body there.</summary>
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
