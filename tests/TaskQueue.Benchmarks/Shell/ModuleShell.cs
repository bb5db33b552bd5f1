using System.Management.Automation;
using TaskQueue.Console;

namespace TaskQueue.Benchmarks.Shell;

/// <summary>A real PowerShell runspace, as the console host makes it.</summary>
internal sealed class ModuleShell : IDisposable
{
    private readonly EngineSession _session;

    /// <param name="manifest">The module to import; null for a bare engine.</param>
    public ModuleShell(string? manifest) => _session = EngineSession.Open(new HostTerminal(TextReader.Null, TextWriter.Null, TextWriter.Null) { IsInteractive = false }, manifest);

    /// <summary>One with the built module loaded.</summary>
    public static ModuleShell WithModule() => new(ModuleLocation.FindManifest());

    /// <summary>Runs a script to its end; returns what it writes. Any error ends the benchmark.</summary>
    public IReadOnlyList<PSObject> Run(string script, params (string Name, object? Value)[] variables)
    {
        foreach (var (name, value) in variables)
        {
            _session.Runspace.SessionStateProxy.SetVariable(name, value);
        }

        return _session.Run(pipeline =>
        {
            // Not with $ErrorActionPreference = 'Stop': then each record is a commit of its own.
            var written = pipeline.AddScript(script).Invoke();
            return pipeline.HadErrors ? throw pipeline.Streams.Error[0].Exception : written;
        });
    }

    public void Dispose() => _session.Dispose();
}
