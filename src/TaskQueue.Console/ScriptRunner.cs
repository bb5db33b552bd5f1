using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace TaskQueue.Console;

/// <summary>Runs what the command line names and turns how it ended into an exit code.</summary>
internal sealed class ScriptRunner(EngineSession session, HostTerminal terminal)
{
    /// <summary>1 for an uncaught error and for a last statement that failed, unless <c>exit n</c> said otherwise.</summary>
    public int RunCommand(string code)
    {
        bool hasEnded = Run(pipeline => pipeline.Commands.AddScript(code));
        return session.Host.ExitCode ?? (hasEnded && LastStatementSucceeded() ? 0 : 1);
    }

    /// <summary>1 for an uncaught error, unless <c>exit n</c> said otherwise.</summary>
    public int RunFile(string path, IReadOnlyList<CommandParameter> arguments)
    {
        string script = Path.GetFullPath(path);
        if (!File.Exists(script))
        {
            terminal.Error.WriteLine($"The script '{path}' does not exist.");
            return 1;
        }

        Command command = new(script, isScript: false, useLocalScope: false);
        foreach (CommandParameter argument in arguments)
            command.Parameters.Add(argument);

        EngineInternals.LetExitLeaveScript(session.Runspace);
        bool hasEnded = Run(pipeline => pipeline.Commands.AddCommand(command));
        return session.Host.ExitCode ?? (hasEnded ? 0 : 1);
    }

    /// <summary>Reads and runs statements until <c>exit</c> or the end of the input.</summary>
    public int RunPrompt()
    {
        while (session.Host.ExitCode is null && ReadStatement() is { } code)
            Run(pipeline => pipeline.Commands.AddScript(code));
        return session.Host.ExitCode ?? 0;
    }

    /// <summary>False after an uncaught error, which is on the error stream then.</summary>
    private bool Run(Action<System.Management.Automation.PowerShell> addCommands)
    {
        try
        {
            session.Run(pipeline =>
            {
                addCommands(pipeline);
                // Errors pass through Out-Default too: it formats them and writes them in order with the output.
                pipeline.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
                pipeline.AddCommand("Out-Default");
                // The engine keeps $? only of what enters the history, as typed lines do.
                return pipeline.Invoke(null, new PSInvocationSettings { AddToHistory = true });
            });
            return true;
        }
        catch (PipelineStoppedException)
        {
            return false;
        }
        catch (RuntimeException e)
        {
            // Code that could not be parsed has no invocation, and its view would be empty; the message has the place.
            if (e.ErrorRecord.InvocationInfo is null)
                terminal.Error.WriteLine(e.Message);
            else
                Report(e.ErrorRecord);
            return false;
        }
    }

    private void Report(ErrorRecord error) => session.Run(pipeline =>
    {
        PSObject record = EngineInternals.MarkForErrorStream(new PSObject(error));
        return pipeline.AddCommand("Out-Default").AddParameter("InputObject", record).Invoke();
    });

    private bool LastStatementSucceeded() => LanguagePrimitives.IsTrue(session.Runspace.SessionStateProxy.GetVariable("?"));

    private string? ReadStatement()
    {
        string prompt = session.Run(pipeline => pipeline.AddCommand("prompt").Invoke<string>().LastOrDefault() ?? "> ");
        string code = "";
        while (true)
        {
            // Piped statements are not a conversation: their output is all that should be seen.
            if (terminal.InputIsTerminal)
                terminal.Output.Write(prompt);

            if (terminal.ReadLine() is not { } line)
                return code.Length > 0 ? code : null;

            code += line + "\n";
            Parser.ParseInput(code, out _, out ParseError[] errors);
            if (!errors.Any(error => error.IncompleteInput))
                return code;

            prompt = ">> ";
        }
    }
}
