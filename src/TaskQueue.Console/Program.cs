using System.Management.Automation;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace TaskQueue.Console;

internal static class Program
{
    // EX_USAGE of sysexits.h, as pwsh.
    private const int UsageError = 64;

    private static int Main(string[] args)
    {
        System.Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        CommandLine line;
        try
        {
            line = CommandLine.Parse(args);
        }
        catch (FormatException e)
        {
            System.Console.Error.WriteLine(e.Message);
            return UsageError;
        }

        if (line.AsksForHelp || line.AsksForVersion)
        {
            System.Console.Out.WriteLine(line.AsksForHelp ? CommandLine.Usage : Versions());
            return 0;
        }

        HostTerminal terminal = new(System.Console.In, System.Console.Out, System.Console.Error)
        {
            IsInteractive = !line.IsNonInteractive,
            InputIsTerminal = !System.Console.IsInputRedirected,
            OutputIsTerminal = !System.Console.IsOutputRedirected,
            ErrorIsTerminal = !System.Console.IsErrorRedirected,
        };
        try
        {
            return Run(line, terminal);
        }
        catch (Exception e) when (e is FileNotFoundException or RuntimeException)
        {
            System.Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    private static int Run(CommandLine line, HostTerminal terminal)
    {
        using EngineSession session = EngineSession.Open(terminal, ModuleLocation.FindManifest());
        int? signalled = null;

        // The first signal stops the pipeline and lets it clean up; with nothing running, or a second time, it ends the process.
        void Stop(PosixSignalContext context, int exitCode)
        {
            if (!session.RequestStop())
                return;
            signalled = exitCode;
            context.Cancel = true;
        }

        // Containers are stopped by SIGTERM.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, 130));
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, 143));

        ScriptRunner runner = new(session, terminal);
        if (line is { Command: null, File: null })
            return runner.RunPrompt();

        int exitCode = line.File is { } file ? runner.RunFile(file, line.Arguments) : runner.RunCommand(line.Command!);
        return signalled ?? exitCode;
    }

    private static string Versions()
    {
        string own = typeof(Program).Assembly.GetName().Version!.ToString(3);
        string engine = typeof(PSObject).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()!.Version;
        return $"TaskQueue {own}, PowerShell engine {engine}";
    }
}
