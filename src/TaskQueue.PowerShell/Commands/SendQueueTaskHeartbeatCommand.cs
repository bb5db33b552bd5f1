using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Reports that a received task goes on, and how far it is.</summary>
[Cmdlet(VerbsCommunications.Send, "QueueTaskHeartbeat")]
public sealed class SendQueueTaskHeartbeatCommand : ReceivedTaskCmdlet
{
    /// <summary>Per cent done, 0 to 100.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(0d, 100d)]
    [Number(TakesFractions = true)]
    public double? Progress { get; set; }

    /// <summary>What is being done.</summary>
    [Parameter]
    public string? Message { get; set; }

    internal override string LostClaimNote => "A result would be refused.";

    internal override WorkerChange ChangeOf(ITaskStore store, TaskIdentity identity, Guid token) =>
        new HeartbeatTask(identity.Id, token, null, Progress, Message);
}
