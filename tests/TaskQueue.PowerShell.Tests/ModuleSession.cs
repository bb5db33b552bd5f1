using System.Management.Automation;
using System.Management.Automation.Runspaces;
using TaskQueue.Console;

namespace TaskQueue.PowerShell.Tests;

/// <summary>A real PowerShell runspace with the built module loaded, and lines that answer its questions.</summary>
internal sealed class ModuleSession : IDisposable
{
    private readonly StringWriter _hostText = new();
    private readonly EngineSession _session;

    public ModuleSession(params string[] answers)
        : this(ModuleLocation.FindManifest(), answers)
    {
    }

    private ModuleSession(string? manifest, string[] answers)
    {
        TextWriter writer = TextWriter.Synchronized(_hostText);
        StringReader reader = new(string.Join('\n', answers));
        _session = EngineSession.Open(new HostTerminal(reader, writer, writer), manifest);
    }

    public static string Manifest { get; } = ModuleLocation.FindManifest();

    public static string Folder { get; } = Path.GetDirectoryName(Manifest)!;

    public Runspace Runspace => _session.Runspace;

    /// <summary>A runspace whose script imports the module itself.</summary>
    public static ModuleSession WithoutModule() => new(manifest: null, []);

    /// <summary>Runs the script in the session's global scope; an uncaught error is in the result, not thrown.</summary>
    public SessionResult Run(string script, params IEnumerable<(string Name, object? Value)> variables)
    {
        foreach ((string name, object? value) in variables)
            Runspace.SessionStateProxy.SetVariable(name, value);

        int start = _hostText.GetStringBuilder().Length;
        return _session.Run(pipeline =>
        {
            PSDataCollection<PSObject> output = [];
            ErrorRecord? failure = null;
            try
            {
                pipeline.AddScript(script).Invoke(null, output);
            }
            catch (RuntimeException e)
            {
                failure = e.ErrorRecord;
            }

            return new SessionResult
            {
                Output = [.. output],
                Errors = [.. pipeline.Streams.Error],
                Failure = failure,
                Warnings = [.. pipeline.Streams.Warning.Select(record => record.Message)],
                Verbose = [.. pipeline.Streams.Verbose.Select(record => record.Message)],
                Information = [.. pipeline.Streams.Information.Select(record => record.MessageData.ToString()!)],
                HostText = _hostText.ToString()[start..],
            };
        });
    }

    /// <summary>Stops the running script, as Ctrl+C does.</summary>
    public bool RequestStop() => _session.RequestStop();

    public void Dispose()
    {
        _session.Dispose();
        _hostText.Dispose();
    }
}
