using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace TaskQueue.PowerShell.Commands;

/// <summary>
/// Closes this session's connection, and gives back the tasks it received and did not complete. Without either it does nothing.
/// </summary>
[Cmdlet(VerbsCommunications.Disconnect, "TaskQueue")]
public sealed class DisconnectTaskQueueCommand : PSCmdlet
{
    protected override void EndProcessing()
    {
        RunspaceSessions.Close(Runspace.DefaultRunspace);
        ConnectedQueue.Connect(Runspace.DefaultRunspace, null);
    }
}
