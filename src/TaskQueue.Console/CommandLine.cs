using System.Management.Automation.Runspaces;

namespace TaskQueue.Console;

/// <summary>What the command line asks for, with the words of <c>pwsh</c>.</summary>
internal sealed record CommandLine
{
    public const string Usage = """
        Runs PowerShell code with the TaskQueue module loaded.

        TaskQueue.Console [-NonInteractive] -Command <code> ...
        TaskQueue.Console [-NonInteractive] -File <script.ps1> [arguments] ...
        TaskQueue.Console               a prompt; Ctrl+C or 'exit' leaves it
        TaskQueue.Console -Version | -Help

        The exit code is that of 'exit n'; 1 after an uncaught error, for -Command also when the last statement failed;
        64 for a command line that is not understood; 130 after Ctrl+C, 143 after SIGTERM.
        """;

    public string? Command { get; private init; }

    public string? File { get; private init; }

    public IReadOnlyList<CommandParameter> Arguments { get; private init; } = [];

    public bool IsNonInteractive { get; private init; }

    public bool AsksForVersion { get; private init; }

    public bool AsksForHelp { get; private init; }

    /// <exception cref="FormatException">An unknown option, or one without its value.</exception>
    public static CommandLine Parse(ReadOnlySpan<string> args)
    {
        CommandLine line = new();
        for (int i = 0; i < args.Length; i++)
        {
            string[] rest = args[(i + 1)..].ToArray();
            switch (args[i].ToUpperInvariant())
            {
                case "-NONINTERACTIVE":
                    line = line with { IsNonInteractive = true };
                    break;
                case "-NOPROFILE" or "-NOLOGO":
                    // Written out of habit in cron jobs; there is neither here.
                    break;
                case "-COMMAND" or "-C":
                    return rest.Length > 0
                        ? line with { Command = string.Join(' ', rest) }
                        : throw new FormatException("-Command needs the code to run.");
                case "-FILE" or "-F":
                    return rest.Length > 0
                        ? line with { File = rest[0], Arguments = [.. rest.Skip(1).Select(ToParameter)] }
                        : throw new FormatException("-File needs the path of a script.");
                case "-VERSION" or "-V" or "--VERSION":
                    return line with { AsksForVersion = true };
                case "-HELP" or "-H" or "-?" or "--HELP":
                    return line with { AsksForHelp = true };
                default:
                    throw new FormatException($"'{args[i]}' is not an option. See -Help.");
            }
        }

        return line;
    }

    // As pwsh does: '-Name value' leaves the pairing to the binder, '-Name:value' is paired here, '-Switch:$false' is typed.
    private static CommandParameter ToParameter(string argument)
    {
        if (argument.Length < 2 || argument[0] != '-' || !char.IsLetter(argument[1]))
            return new CommandParameter(null, argument);

        string[] parts = argument.Split(':', 2);
        return parts switch
        {
            [_] or [_, ""] => new CommandParameter(parts[0]),
            [_, var value] when value.TrimStart('$').Equals("true", StringComparison.OrdinalIgnoreCase) => new(parts[0], true),
            [_, var value] when value.TrimStart('$').Equals("false", StringComparison.OrdinalIgnoreCase) => new(parts[0], false),
            _ => new CommandParameter(parts[0], parts[1]),
        };
    }
}
