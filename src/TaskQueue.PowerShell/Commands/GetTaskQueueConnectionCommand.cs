using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Shows the queue this session is connected to, if any.</summary>
[Cmdlet(VerbsCommon.Get, "TaskQueueConnection")]
[OutputType(typeof(TaskQueueConnection))]
public sealed class GetTaskQueueConnectionCommand : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();

    public void Dispose() => _cancellation.Dispose();

    protected override void StopProcessing() => _cancellation.Cancel();

    protected override void EndProcessing()
    {
        if (ConnectedQueue.Current is { } connection)
        {
            WriteObject(connection.Describe(_cancellation.Token));
        }
    }
}
