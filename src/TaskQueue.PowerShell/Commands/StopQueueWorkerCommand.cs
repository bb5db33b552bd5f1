using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Asks workers to end, on whatever machine they run. It does not wait for their end.</summary>
[Cmdlet(VerbsLifecycle.Stop, "QueueWorker", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
public sealed class StopQueueWorkerCommand : QueueCmdlet
{
    private NewOperation? _operation;

    /// <summary>Ids of workers, or worker objects.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("InputObject")]
    [ArgumentCompleter(typeof(WorkerIdCompleter))]
    [RequiresValue]
    public WorkerReference[] Id { get; set; } = [];

    /// <summary>Stop their tasks too, which go back to pending, instead of letting them end within the grace period.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void Process()
    {
        foreach (var reference in Id)
        {
            Guard(() => Stop(reference), reference.Source);
        }
    }

    private void Stop(WorkerReference reference)
    {
        var store = OpenStore(reference.Queue, forWriting: true);
        var record = store.Workers.Read(Cancellation).FirstOrDefault(record => record.Identity.Id == reference.Id)
            ?? throw reference.NotFoundIn(store);
        if (HostProcesses.LivenessOf(record.Identity) is { State: LivenessState.Gone, Evidence: var evidence })
        {
            throw new WorkerNotFoundException(
                $"There is nothing to stop: {evidence}.",
                "The tasks it held are taken back by any other worker, or by Invoke-StuckTaskCleanup.");
        }

        if (!ShouldProcess($"{record.Identity.Name} ({reference.Id})", Force ? "Stop worker and its tasks" : "Drain worker"))
        {
            return;
        }

        _operation ??= BeginOperation(NewOperation.StopWorker, null);
        if (!store.Workers.RequestStop(reference.Id, Force ? WorkerStopMode.Force : WorkerStopMode.Drain, _operation, Cancellation))
        {
            throw reference.NotFoundIn(store);
        }

        WriteVerbose($"Worker {record.Identity.Name} was asked to {(Force ? "stop" : "drain")}.");
    }
}
