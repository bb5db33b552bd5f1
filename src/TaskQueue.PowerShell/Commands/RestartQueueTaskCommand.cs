using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Puts finished tasks back to pending under the same id.</summary>
[Cmdlet(VerbsLifecycle.Restart, "QueueTask", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(QueueTask))]
public sealed class RestartQueueTaskCommand : TaskChangeCmdlet
{
    /// <summary>How long they wait before they may run.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? Delay { get; set; }

    /// <summary>Write the restarted tasks.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    internal override bool WritesTasks => PassThru;

    internal override TaskChange ChangeOf(TaskIdentity identity) =>
        new RestartTask(identity.Id, identity.Revision, Delay?.Value ?? TimeSpan.Zero);

    internal override string ActionOn(TaskIdentity identity) => "Restart task" + identity.StateNote;

    internal override string? AdviceFor(QueueTask task) => task.Status is QueueTaskStatus.Running
        ? "Stop it first: Stop-QueueTask -Force."
        : "Only finished tasks (failed, cancelled, success) can be restarted.";
}
