using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace TaskQueue.PowerShell.Tests;

/// <summary>A runspace of PowerShell's own engine with the built module loaded, and lines that answer its questions.</summary>
internal sealed class ModuleSession : IDisposable
{
    // The engine closes all runspaces with the first one, and would wait for ever for one whose script ignores its stop.
    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(15);

    private readonly TestScreen _screen;
    private readonly Lock _gate = new();
    private System.Management.Automation.PowerShell? _running;

    static ModuleSession()
    {
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        // The runspaces of a parallel loop find the module as those of an installed one do.
        var modules = Path.GetDirectoryName(BuiltModule.Folder)!;
        Environment.SetEnvironmentVariable(
            "PSModulePath", modules + Path.PathSeparator + Environment.GetEnvironmentVariable("PSModulePath"));
    }

    public ModuleSession(params string[] answers)
        : this(BuiltModule.Manifest, answers)
    {
    }

    private ModuleSession(string? manifest, string[] answers)
    {
        _screen = new TestScreen(answers);
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;

        Runspace = RunspaceFactory.CreateRunspace(new TestHost(_screen), state);
        try
        {
            Runspace.Open();
            Runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(Environment.CurrentDirectory));
            if (manifest is not null)
                Run("Import-Module $manifest -ErrorAction Stop", ("manifest", manifest)).Values<object>();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Runspace Runspace { get; }

    /// <summary>A runspace whose script imports the module itself.</summary>
    public static ModuleSession WithoutModule() => new(manifest: null, []);

    /// <summary>Runs the script in the session's global scope; an uncaught error is in the result, not thrown.</summary>
    public SessionResult Run(string script, params IEnumerable<(string Name, object? Value)> variables)
    {
        foreach ((var name, var value) in variables)
            Runspace.SessionStateProxy.SetVariable(name, value);

        var start = _screen.Text.Length;
        using var pipeline = System.Management.Automation.PowerShell.Create(Runspace);
        PSDataCollection<PSObject> output = [];
        ErrorRecord? failure = null;
        lock (_gate)
            _running = pipeline;

        try
        {
            pipeline.AddScript(script).Invoke(null, output);
        }
        catch (RuntimeException error)
        {
            failure = error.ErrorRecord;
        }
        finally
        {
            lock (_gate)
                _running = null;
        }

        return new SessionResult
        {
            Output = [.. output],
            Errors = [.. pipeline.Streams.Error],
            Failure = failure,
            Warnings = [.. pipeline.Streams.Warning.Select(record => record.Message)],
            Verbose = [.. pipeline.Streams.Verbose.Select(record => record.Message)],
            Information = [.. pipeline.Streams.Information.Select(record => record.MessageData.ToString()!)],
            HostText = _screen.Text[start..],
        };
    }

    /// <summary>Stops the running script, as Ctrl+C does. False when nothing runs.</summary>
    public bool RequestStop()
    {
        lock (_gate)
        {
            _running?.BeginStop(null, null);
            return _running is not null;
        }
    }

    public void Dispose()
    {
        Thread closing = new(Runspace.Dispose) { IsBackground = true };
        closing.Start();
        closing.Join(LongestClose);
    }
}
