using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Cancels waiting tasks; with -Force it stops running ones too.</summary>
[Cmdlet(VerbsLifecycle.Stop, "QueueTask", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(QueueTask))]
public sealed class StopQueueTaskCommand : TaskChangeCmdlet
{
    // The worker's own grace period is not known here. Its default is 20 s; the rest is time to deliver the stop, to kill the handler and
    // to confirm.
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    private StopAwaiter? _awaiter;

    /// <summary>Stop running tasks too; what is stopped becomes failed instead of cancelled.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>End the command at the first task beyond this number. Earlier tasks stay stopped.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(1, int.MaxValue)]
    [Number]
    public int? MaxCount { get; set; }

    /// <summary>With -Force: return only when the workers have confirmed that the tasks no longer run.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long -Wait waits for the workers after the last task was stopped; 60s by default.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? Timeout { get; set; }

    /// <summary>Write the stopped tasks.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    internal override int? Limit => MaxCount;

    internal override bool StopsWorkers => Force;

    internal override bool WritesTasks => PassThru;

    protected override void Begin()
    {
        if (Wait && !Force)
        {
            throw new TaskValidationException(
                "Without -Force no running task is stopped, so there is nothing to wait for.", "Add -Force, or leave -Wait out.");
        }

        if (Timeout is not null && !Wait)
        {
            throw new TaskValidationException("-Timeout says how long -Wait waits.", "Add -Wait, or leave -Timeout out.");
        }
    }

    protected override void Finish() => _awaiter?.Await(Timeout?.Value ?? DefaultTimeout);

    internal override void OnApplied(ITaskStore store, TaskIdentity identity, TaskOutcome outcome)
    {
        if (Wait && outcome.EndedClaim is { } token)
        {
            _awaiter ??= new StopAwaiter(this);
            _awaiter.Add(store, identity, token, outcome.Task?.Worker);
        }
    }

    internal override TaskChange ChangeOf(TaskIdentity identity) => Force
        ? new ForceCancelTask(identity.Id, identity.Revision)
        : new CancelTask(identity.Id, identity.Revision);

    internal override string ActionOn(TaskIdentity identity) => (Force ? "Force-stop task" : "Cancel task") + identity.StateNote;

    internal override string? AdviceFor(QueueTask task) => task.Status is QueueTaskStatus.Running
        ? "A running task is stopped only with -Force."
        : "Only waiting tasks can be stopped, and running ones with -Force.";
}
