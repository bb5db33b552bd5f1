using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Deletes tasks; running ones only with -Force.</summary>
[Cmdlet(VerbsCommon.Remove, "QueueTask", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(QueueTask))]
public sealed class RemoveQueueTaskCommand : TaskChangeCmdlet
{
    /// <summary>Delete running tasks too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>End the command at the first task beyond this number. Earlier tasks stay removed.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(1, int.MaxValue)]
    [Number]
    public int? MaxCount { get; set; }

    /// <summary>Do not keep the tasks in the trash, from which an undo brings them back.</summary>
    [Parameter]
    public SwitchParameter NoUndo { get; set; }

    /// <summary>Write the tasks as they were.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    internal override bool WritesTasks => PassThru;

    internal override int? Limit => MaxCount;

    internal override bool StopsWorkers => Force;

    internal override TaskChange ChangeOf(TaskIdentity identity) =>
        new RemoveTask(identity.Id, identity.Revision, Force, KeepForUndo: !NoUndo);

    internal override string ActionOn(TaskIdentity identity) => (NoUndo ? "Remove task for good" : "Remove task") + identity.StateNote;

    internal override string? AdviceFor(QueueTask task) => task.Status is QueueTaskStatus.Running
        ? "A running task is removed only with -Force."
        : null;
}
