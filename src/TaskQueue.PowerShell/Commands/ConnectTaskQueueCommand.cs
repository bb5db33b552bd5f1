using System.Management.Automation;
using System.Management.Automation.Runspaces;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Connects this session to a queue, so that other commands need no -Queue.</summary>
[Cmdlet(VerbsCommunications.Connect, "TaskQueue", SupportsShouldProcess = true)]
[OutputType(typeof(TaskQueueConnection))]
public sealed class ConnectTaskQueueCommand : QueueCmdlet
{
    /// <summary>The path of the queue's file. Without it: $env:TASKQUEUE, else the default file.</summary>
    [Parameter(Position = 0)]
    [Alias("Path", "Uri", "ConnectionString")]
    [ValidateNotNull]
    public override QueueLocation? Queue { get; set; }

    /// <summary>Make the queue if there is none; the only way a command makes one.</summary>
    [Parameter]
    public SwitchParameter Create { get; set; }

    /// <summary>What a committed task survives: Full (power loss, the default) or Normal (any crash of a process).</summary>
    [Parameter]
    public Durability Durability { get; set; }

    /// <summary>How long commands wait for a lock another process holds; 10 s.</summary>
    [Parameter]
    public Duration? Timeout { get; set; }

    /// <summary>Original layout: the offset of its service's local times, such as +08:00, instead of the one its rows tell. From -14:00 to 14:00.</summary>
    [Parameter]
    public ServiceOffset? UtcOffset { get; set; }

    protected override void Process()
    {
        var path = Queue?.Resolve(this) ?? DefaultQueue.Path(this);
        Location = path;
        // An empty file becomes a queue as a missing one does.
        var isMissing = !Directory.Exists(path) && new FileInfo(path) is not { Exists: true, Length: > 0 };
        if (Create && isMissing && !ShouldProcess(path, "Create task queue"))
        {
            // Under -WhatIf, or declined: there is nothing to connect to.
            return;
        }

        var options = new StoreOptions { Create = Create, Durability = Durability, UtcOffset = UtcOffset?.Value, Cancellation = Cancellation };
        options = Timeout is null ? options : options with { Timeout = Timeout.Value };
        var connection = ConnectedQueue.Open(path, options);
        ConnectedQueue.Connect(Runspace.DefaultRunspace, connection);
        WriteVerbose($"Connected to {connection.Store.Info.Queue}.");
        WriteObject(connection.Describe(Cancellation));
    }
}
