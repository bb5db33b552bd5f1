using System.Management.Automation.Language;

namespace TaskQueue.PowerShell;

/// <summary>
/// Finds the variables that a script reads without ever giving them a value. Only certain ones are reported. If the script might set
/// variables in a way that its text does not show, none are.
/// </summary>
internal static class ScriptVariables
{
    private const string VariableDrive = "variable:";

    // PowerShell sets these by itself, many of them only when something happens. The worker sets Task and TaskContext.
    private static readonly HashSet<string> Automatic = new(
    [
        "_", "$", "?", "^", "args", "ConsoleFileName", "Error", "Event", "EventArgs", "EventSubscriber", "foreach", "input", "LASTEXITCODE",
        "Matches", "MyInvocation",
        "NestedPromptLevel", "PSBoundParameters", "PSCmdlet", "PSCommandPath", "PSDebugContext", "PSItem", "PSScriptRoot", "PSSenderInfo",
        "Sender", "SourceArgs",
        "SourceEventArgs", "StackTrace", "switch", "this", "Task", "TaskContext",
    ], StringComparer.OrdinalIgnoreCase);

    private static readonly string[] NamingParameters = [
        "OutVariable", "ErrorVariable", "WarningVariable", "InformationVariable", "PipelineVariable",
    ];

    private static readonly HashSet<string> NamingAliases = new(["ov", "ev", "wv", "iv", "pv"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> VariableAliases = new(["set", "sv", "nv", "gv", "rv", "clv"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The first place where each such variable is read, in the order of the text.</summary>
    public static IReadOnlyList<VariableExpressionAst> ReadButNeverSet(ScriptBlockAst code)
    {
        List<Ast> nodes = [.. code.FindAll(_ => true, searchNestedScriptBlocks: true)];
        if (nodes.Exists(MaySetAnything))
        {
            return [];
        }

        var known = new HashSet<string>(nodes.SelectMany(NamesKnownBy).OfType<string>(), StringComparer.OrdinalIgnoreCase);
        return
        [
            .. nodes.OfType<VariableExpressionAst>()
                .Where(variable => NameOf(variable) is { } name && !Automatic.Contains(name) && !known.Contains(name))
                .OrderBy(variable => variable.Extent.StartOffset)
                .DistinctBy(PathOf, StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>
    /// The name without its scope. Null for one that is not a variable of a session, such as <c>$env:PATH</c>, and for a local or private
    /// one, which is never the caller's.
    /// </summary>
    public static string? NameOf(VariableExpressionAst variable)
    {
        var path = variable.VariablePath;
        if (path.IsDriveQualified)
        {
            return path.UserPath.StartsWith(VariableDrive, StringComparison.OrdinalIgnoreCase)
                ? path.UserPath[VariableDrive.Length..]
                : null;
        }

        return path.IsLocal || path.IsPrivate ? null : path.UserPath[(path.UserPath.LastIndexOf(':') + 1)..];
    }

    /// <summary>The name as a session looks it up, with its scope.</summary>
    public static string PathOf(VariableExpressionAst variable) =>
        variable.VariablePath is { IsGlobal: true } or { IsScript: true } ? variable.VariablePath.UserPath : NameOf(variable)!;

    /// <summary>True for a node that runs code which is not in the text, or sets variables whose names are not in the text.</summary>
    private static bool MaySetAnything(Ast node) => node switch
    {
        CommandAst { InvocationOperator: TokenKind.Dot, CommandElements: [not ScriptBlockExpressionAst, ..] } => true,
        CommandAst command when IsOneOf(command.GetCommandName(), "Invoke-Expression", "iex") => true,
        CommandAst command => HandlesVariables(command) && !command.CommandElements.Skip(1).OfType<StringConstantExpressionAst>().Any(),
        MemberExpressionAst { Member: StringConstantExpressionAst { Value: var member } } => IsOneOf(member, "PSVariable"),
        _ => false,
    };

    /// <summary>The variables that the node sets, or whose absence it is ready for.</summary>
    private static IEnumerable<string?> NamesKnownBy(Ast node) => node switch
    {
        // An assignment that adds to a variable, or computes its value from it, needs the value that it had.
        AssignmentStatementAst { Operator: TokenKind.Equals } assignment =>
            TargetsOf(assignment.Left).Except(ReadIn(assignment.Right), StringComparer.OrdinalIgnoreCase),
        // The library this is compiled with has no name for ??=.
        AssignmentStatementAst assignment when assignment.Operator.ToString() == "QuestionQuestionEquals" => TargetsOf(assignment.Left),
        ForEachStatementAst loop => TargetsOf(loop.Variable),
        ParameterAst parameter => TargetsOf(parameter.Name),
        DataStatementAst data => [data.Variable],
        ConvertExpressionAst convert when IsOneOf(convert.Type.TypeName.FullName, "ref") => TargetsOf(convert.Child),
        // The library this is compiled with has no name for ??.
        BinaryExpressionAst binary when binary.Operator.ToString() == "QuestionQuestion" => TargetsOf(binary.Left),
        BinaryExpressionAst binary when IsNull(binary.Left) => TargetsOf(binary.Right),
        BinaryExpressionAst binary when IsNull(binary.Right) => TargetsOf(binary.Left),
        StringConstantExpressionAst { Value: var text } when text.StartsWith(VariableDrive, StringComparison.OrdinalIgnoreCase) =>
            [text[(text.LastIndexOfAny([':', '/', '\\']) + 1)..]],
        CommandAst command => NamesIn(command),
        _ => [],
    };

    // A variable in a script block of the value is read only when the script block is called.
    private static IEnumerable<string?> ReadIn(Ast value) =>
        value.FindAll(node => node is VariableExpressionAst, searchNestedScriptBlocks: false).Cast<VariableExpressionAst>().Select(NameOf);

    private static IEnumerable<string?> TargetsOf(Ast target) => target switch
    {
        VariableExpressionAst { VariablePath: { IsLocal: true } or { IsPrivate: true } } variable =>
            [variable.VariablePath.UserPath[(variable.VariablePath.UserPath.LastIndexOf(':') + 1)..]],
        VariableExpressionAst variable => [NameOf(variable)],
        AttributedExpressionAst attributed => TargetsOf(attributed.Child),
        ArrayLiteralAst several => several.Elements.SelectMany(TargetsOf),
        ParenExpressionAst { Pipeline: PipelineAst { PipelineElements: [CommandExpressionAst { Expression: var inner }] } } =>
            TargetsOf(inner),
        _ => [],
    };

    private static IEnumerable<string?> NamesIn(CommandAst command)
    {
        var elements = command.CommandElements;
        var handlesVariables = HandlesVariables(command);
        for (var index = 1; index < elements.Count; index++)
        {
            Ast? value = handlesVariables ? elements[index] : null;
            if (elements[index] is CommandParameterAst parameter && (handlesVariables || NamesVariable(parameter.ParameterName)))
            {
                value = parameter.Argument ?? elements.ElementAtOrDefault(index + 1);
            }

            foreach (var name in value is ArrayLiteralAst several ? several.Elements : Enumerable.Repeat(value, 1))
            {
                // A plus in front means that the command adds to the variable.
                yield return (name as StringConstantExpressionAst)?.Value.TrimStart('+');
            }
        }
    }

    /// <summary>Set-Variable and its like: their arguments may be names.</summary>
    private static bool HandlesVariables(CommandAst command) =>
        command.GetCommandName() is { } name
            && (name.EndsWith("-Variable", StringComparison.OrdinalIgnoreCase) || VariableAliases.Contains(name));

    /// <summary>
    /// Parameters that take a variable's name: the common ones, also shortened, and those of single commands, such as -SessionVariable.
    /// </summary>
    private static bool NamesVariable(string parameter) =>
        parameter.EndsWith("Variable", StringComparison.OrdinalIgnoreCase)
        || NamingAliases.Contains(parameter)
        || (parameter.Length > 3 && NamingParameters.Any(name => name.StartsWith(parameter, StringComparison.OrdinalIgnoreCase)));

    private static bool IsNull(Ast node) => node is VariableExpressionAst { VariablePath.UserPath: var name } && IsOneOf(name, "null");

    private static bool IsOneOf(string? text, params string[] names) => names.Contains(text, StringComparer.OrdinalIgnoreCase);
}
