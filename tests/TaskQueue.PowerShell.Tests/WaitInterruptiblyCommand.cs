using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>Hands its input on, then waits until it is stopped, and ends at once then: before the commands behind it are told.</summary>
[Cmdlet(VerbsLifecycle.Wait, "Interruptibly")]
public sealed class WaitInterruptiblyCommand : PSCmdlet, IDisposable
{
    private readonly ManualResetEventSlim _stopped = new();

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Mandatory = true)]
    public ManualResetEventSlim Reached { get; set; } = null!;

    public void Dispose() => _stopped.Dispose();

    protected override void ProcessRecord() => WriteObject(InputObject);

    protected override void EndProcessing()
    {
        Reached.Set();
        _stopped.Wait();
        throw new PipelineStoppedException();
    }

    protected override void StopProcessing()
    {
        _stopped.Set();
        // Time for the pipeline's thread to dispose of what is behind, before the engine tells the next command.
        Thread.Sleep(50);
    }
}
