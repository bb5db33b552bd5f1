using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Closes this session's connection; without one it does nothing.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "TaskQueue")]
public sealed class DisconnectTaskQueueCommand : PSCmdlet
{
    protected override void EndProcessing() => ConnectedQueue.Connect(Runspace.DefaultRunspace, null);
}
