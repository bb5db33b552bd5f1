using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace TaskQueue.Benchmarks.Shell;

/// <summary>
/// A runspace of PowerShell's engine in this process, with the built module loaded: for what runs long enough that its start does not
/// count.
/// </summary>
internal sealed class ModuleShell : IDisposable
{
    private readonly Runspace _runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());

    public ModuleShell()
    {
        _runspace.Open();
        Run("Import-Module $manifest", ("manifest", BuiltModule.Manifest));
    }

    /// <summary>Runs a script to its end; returns what it writes. Any error ends the benchmark.</summary>
    public IReadOnlyList<PSObject> Run(string script, params (string Name, object? Value)[] variables)
    {
        foreach (var (name, value) in variables)
        {
            _runspace.SessionStateProxy.SetVariable(name, value);
        }

        using var pipeline = System.Management.Automation.PowerShell.Create(_runspace);
        // Not with $ErrorActionPreference = 'Stop': then each record is a commit of its own.
        var written = pipeline.AddScript(script).Invoke();
        return pipeline.HadErrors ? throw pipeline.Streams.Error[0].Exception : written;
    }

    public void Dispose() => _runspace.Dispose();
}
