using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace TaskQueue.PowerShell;

/// <summary>Runs pipelines in a handler runspace, on its thread, and stops them.</summary>
internal sealed class HandlerPipelines(Runspace runspace, HandlerThread thread)
{
    /// <summary>True once a pipeline was stopped, which may have left anything half done.</summary>
    public bool WasStopped { get; private set; }

    public System.Management.Automation.PowerShell New()
    {
        var pipeline = System.Management.Automation.PowerShell.Create();
        pipeline.Runspace = runspace;
        return pipeline;
    }

    /// <summary>Runs a pipeline to its end and returns its output.</summary>
    /// <exception cref="PipelineStoppedException">It was stopped meanwhile.</exception>
    public PSDataCollection<PSObject?> Invoke(System.Management.Automation.PowerShell pipeline, CancellationToken kill)
    {
        var output = new HandlerOutput(pipeline).Objects;
        Invoke(pipeline, output, kill);
        return output;
    }

    /// <summary>Runs a pipeline to its end.</summary>
    /// <exception cref="PipelineStoppedException">It was stopped meanwhile.</exception>
    public void Invoke(System.Management.Automation.PowerShell pipeline, PSDataCollection<PSObject?> output, CancellationToken kill)
    {
        // The registration must not wait for the stop, which a handler may ignore.
        using var registration = kill.Register(() => PipelineStopper.Begin(pipeline));
        try
        {
            thread.Run(() => pipeline.Invoke<PSObject, PSObject?>(null, output, null));
            if (pipeline.InvocationStateInfo.State is PSInvocationState.Stopped)
            {
                // PowerShell does not always throw it by itself.
                throw new PipelineStoppedException();
            }
        }
        catch (Exception error) when (error is PipelineStoppedException || kill.IsCancellationRequested)
        {
            // A pipeline that is stopped just before it begins throws another error.
            WasStopped = true;
            throw error as PipelineStoppedException ?? new PipelineStoppedException(error.Message, error);
        }
    }

    public bool HasModule(string manifest, CancellationToken kill)
    {
        using var pipeline = New();
        pipeline
            .AddCommand("Microsoft.PowerShell.Core\\Get-Module")
            .AddParameter("Name", Path.GetFileNameWithoutExtension(manifest));
        return Invoke(pipeline, kill).Any(found => found?.BaseObject is PSModuleInfo module && module.Path == manifest);
    }

    /// <summary>True if the runspace has the command, or can load a module that has it.</summary>
    public bool HasCommand(string name, CancellationToken kill)
    {
        using var pipeline = New();
        pipeline
            .AddCommand("Microsoft.PowerShell.Core\\Get-Command")
            .AddParameter("Name", WildcardPattern.Escape(name))
            .AddParameter("ErrorAction", ActionPreference.Ignore);
        return Invoke(pipeline, kill).Count > 0;
    }

    public void Import(string module, CancellationToken kill)
    {
        using var pipeline = New();
        pipeline
            .AddCommand("Microsoft.PowerShell.Core\\Import-Module")
            .AddParameter("Name", module)
            .AddParameter("ErrorAction", ActionPreference.Stop);
        Invoke(pipeline, kill);
    }
}
