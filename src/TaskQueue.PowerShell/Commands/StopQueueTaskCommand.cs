using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Cancels waiting tasks; with -Force it stops running ones too.</summary>
[Cmdlet(VerbsLifecycle.Stop, "QueueTask", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(QueueTask))]
public sealed class StopQueueTaskCommand : TaskChangeCmdlet
{
    /// <summary>Stop running tasks too; what is stopped becomes failed instead of cancelled.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>End the command at the first task beyond this number; earlier ones stay done.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? MaxCount { get; set; }

    /// <summary>Write the stopped tasks.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    internal override int? Limit => MaxCount;

    internal override bool StopsWorkers => Force;

    internal override bool WritesTasks => PassThru;

    internal override string OperationKind => Force ? "force cancel" : "cancel";

    internal override TaskChange ChangeOf(TaskIdentity identity) => Force
        ? new ForceCancelTask(identity.Id, identity.Revision)
        : new CancelTask(identity.Id, identity.Revision);

    internal override string ActionOn(TaskIdentity identity) => (Force ? "Force-stop task" : "Cancel task") + identity.StateNote;

    internal override string? AdviceFor(QueueTask task) => task.Status is QueueTaskStatus.Running
        ? "A running task is stopped only with -Force."
        : "Only waiting tasks can be stopped, and running ones with -Force.";
}
