using System.Management.Automation;
using System.Management.Automation.Language;

namespace TaskQueue.PowerShell;

/// <summary>
/// Finds the commands that a script calls by name without defining them. Only certain ones are reported. If the script might define
/// commands in a way that its text does not show, none are; a command whose absence it is ready for is left out.
/// </summary>
internal static class ScriptCommands
{
    private static readonly HashSet<string> Defining = new(
        ["Invoke-Expression", "iex", "Import-Module", "ipmo", "New-Module", "nmo", "Import-PSSession", "ipsn", "Import-Alias", "ipal"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The first call of each such command, in the order of the text.</summary>
    public static IReadOnlyList<CommandAst> CalledButNeverDefined(ScriptBlockAst code)
    {
        List<Ast> nodes = [.. code.FindAll(_ => true, searchNestedScriptBlocks: true)];
        if (code.UsingStatements.Count > 0 || nodes.Exists(MayDefineAnything))
        {
            return [];
        }

        var known = new HashSet<string>(nodes.SelectMany(NamesKnownBy), StringComparer.OrdinalIgnoreCase);
        return
        [
            .. nodes.OfType<CommandAst>()
                .Where(
                    command => command.GetCommandName() is { Length: > 0 } name
                        && !name.AsSpan().ContainsAny('\\', '/', ':')
                        && !known.Contains(name))
                .OrderBy(command => command.Extent.StartOffset)
                .DistinctBy(command => command.GetCommandName(), StringComparer.OrdinalIgnoreCase),
        ];
    }

    /// <summary>
    /// True if the session has a function or an alias of this name. Cmdlets come with a module and programs with the machine, so they do
    /// not count.
    /// </summary>
    public static bool IsFunctionOrAliasOf(SessionState session, string name) =>
        session.InvokeProvider.Item.Exists($"Function:{name}", force: false, literalPath: true)
        || session.InvokeProvider.Item.Exists($"Alias:{name}", force: false, literalPath: true);

    private static bool MayDefineAnything(Ast node) => node switch
    {
        CommandAst { InvocationOperator: TokenKind.Dot, CommandElements: [not ScriptBlockExpressionAst, ..] } => true,
        CommandAst command => command.GetCommandName() is { } name && Defining.Contains(name),
        VariableExpressionAst { VariablePath: { IsDriveQualified: true, DriveName: var drive } } =>
            drive.Equals("function", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    /// <summary>
    /// The names of functions that the script defines, and names that it mentions other than to call them, as with Get-Command, Set-Alias
    /// and the Function drive.
    /// </summary>
    private static IEnumerable<string> NamesKnownBy(Ast node) => node switch
    {
        FunctionDefinitionAst { Name: var name } => [name, name[(name.LastIndexOf(':') + 1)..]],
        StringConstantExpressionAst { Parent: CommandAst { CommandElements: [var first, ..] } } text when ReferenceEquals(first, text) =>
            [],
        StringConstantExpressionAst { Value: var text } => [text[(text.LastIndexOfAny([':', '/', '\\']) + 1)..]],
        _ => [],
    };
}
