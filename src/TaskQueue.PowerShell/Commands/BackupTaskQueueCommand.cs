using System.Management.Automation;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Makes a verified backup while the queue is in use.</summary>
[Cmdlet(VerbsData.Backup, "TaskQueue", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(BackupResult))]
public sealed class BackupTaskQueueCommand : QueueCmdlet
{
    /// <summary>
    /// The file to write, or a folder for it. The default is a file beside the queue, named after the time. For a queue on a server it is
    /// in the folder TaskQueue/backups of the local application data.
    /// </summary>
    [Parameter(Position = 0)]
    [RequiresValue]
    public string? DestinationPath { get; set; }

    /// <summary>Replace a file of that name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void Process()
    {
        var store = OpenStore(forWriting: true);
        var path = DestinationPath is null ? null : FilePaths.Resolve(this, DestinationPath);
        var backup = BackupNaming.Resolve(store.Info.Queue, path, store.Now.ToLocalTime());
        if (ShouldProcess(store.Info.Queue, $"Back up to {backup.Path}"))
        {
            WriteObject(store.Backup(backup with { Overwrite = Force }, Cancellation));
        }
    }
}
