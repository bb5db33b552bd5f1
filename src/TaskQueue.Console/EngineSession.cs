using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace TaskQueue.Console;

/// <summary>A PowerShell runspace with the module loaded, at the process's current directory.</summary>
internal sealed class EngineSession : IDisposable
{
    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(15);

    private readonly HostTerminal _terminal;
    private readonly Lock _gate = new();
    private System.Management.Automation.PowerShell? _running;
    private CancellationTokenSource _stopping = new();

    private EngineSession(HostTerminal terminal, EngineHost host, Runspace runspace)
    {
        _terminal = terminal;
        Host = host;
        Runspace = runspace;
    }

    public EngineHost Host { get; }

    public Runspace Runspace { get; }

    public static EngineSession Open(HostTerminal terminal, string? moduleManifest)
    {
        // The engine reports its use to Microsoft unless told not to; a host in a container or a cron job has no business with that.
        if (Environment.GetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT") is null)
            Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

        // CreateDefault would load the snap-ins of Microsoft.PowerShell.Utility and others, which are not here.
        InitialSessionState state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;

        EngineHost host = new(terminal);
        Runspace runspace = RunspaceFactory.CreateRunspace(host, state);
        EngineSession session = new(terminal, host, runspace);
        try
        {
            runspace.Open();
            runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(Environment.CurrentDirectory));
            if (moduleManifest is not null)
            {
                LetOtherRunspacesFind(moduleManifest);
                session.Import(moduleManifest);
            }

            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs one pipeline that <see cref="RequestStop"/> can end, and hands on what <paramref name="invoke"/> returns.</summary>
    public T Run<T>(Func<System.Management.Automation.PowerShell, T> invoke)
    {
        using System.Management.Automation.PowerShell pipeline = System.Management.Automation.PowerShell.Create(Runspace);
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                _stopping.Dispose();
                _stopping = new CancellationTokenSource();
            }

            _terminal.Stopping = _stopping.Token;
            _running = pipeline;
        }

        try
        {
            return invoke(pipeline);
        }
        finally
        {
            lock (_gate)
                _running = null;
        }
    }

    /// <summary>Stops what is running, without waiting for it. False when nothing runs, or it is being stopped already.</summary>
    public bool RequestStop()
    {
        lock (_gate)
        {
            if (_running is null || _stopping.IsCancellationRequested)
                return false;

            _running.BeginStop(null, null);
            _stopping.Cancel();
            return true;
        }
    }

    public void Dispose()
    {
        // The engine closes all runspaces with the first one, and would wait for ever for one whose script ignores its stop: a
        // worker's handler, a thread of a parallel loop. It ends with the process then.
        Thread closing = new(Runspace.Dispose) { IsBackground = true };
        closing.Start();
        closing.Join(LongestClose);
        _stopping.Dispose();
    }

    /// <summary>The runspaces of ForEach-Object -Parallel load the module by the name of the first cmdlet they meet.</summary>
    private static void LetOtherRunspacesFind(string manifest)
    {
        string modules = Path.GetDirectoryName(Path.GetDirectoryName(manifest)!)!;
        string? known = Environment.GetEnvironmentVariable("PSModulePath");
        if (known?.Split(Path.PathSeparator).Contains(modules) != true)
            Environment.SetEnvironmentVariable("PSModulePath", string.IsNullOrEmpty(known) ? modules : $"{modules}{Path.PathSeparator}{known}");
    }

    private void Import(string manifest) => Run(pipeline => pipeline
        .AddCommand("Import-Module").AddParameter("Name", manifest).AddParameter("ErrorAction", ActionPreference.Stop)
        .Invoke());
}
