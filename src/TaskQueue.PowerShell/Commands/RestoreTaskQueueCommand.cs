using System.Management.Automation;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Replaces all tasks of a queue by those of a backup, after a backup of the present state.</summary>
[Cmdlet(VerbsData.Restore, "TaskQueue", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RestoreResult))]
public sealed class RestoreTaskQueueCommand : QueueCmdlet
{
    /// <summary>The backup to restore.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string BackupPath { get; set; } = "";

    /// <summary>What tasks become that were running when the backup was made: Requeue (pending, the default) or Fail.</summary>
    [Parameter]
    [ValidateSet(nameof(RunningTasks.Requeue), nameof(RunningTasks.Fail))]
    public RunningTasks Running { get; set; }

    /// <summary>Restore though workers hold tasks; their late results will be refused.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void Process()
    {
        var path = GetUnresolvedProviderPathFromPSPath(BackupPath);
        var store = OpenStore(forWriting: true);
        if (TaskStores.SameQueue(store.Info.Queue, path))
        {
            throw new TaskValidationException("The backup is the queue itself.", "Give the path of a backup of it.");
        }

        Location = path;
        using var backup = TaskStores.OpenBackup(path, Cancellation);
        Location = store.Info.Queue;
        var held = QueueTransfer.HeldByLiveWorkers(store, Cancellation);
        if (held.Count > 0 && !Force)
        {
            throw new TaskStateException(
                $"Workers hold {held.Count} running tasks, such as '{held[0].Id}' on {held[0].Worker}.", "Stop the workers first, or restore with -Force.");
        }

        if (!ShouldProcess(store.Info.Queue, $"Replace all tasks by those of {path}"))
        {
            return;
        }

        var before = new AutomaticBackups(store).Make(null, Cancellation);
        WriteVerbose($"Backup of the present state: {before.Path}.");
        var tasks = QueueTransfer.Restore(backup, store, Running, NewOperation("restore", path), Cancellation);
        WriteObject(new RestoreResult(store.Info.Queue, path, tasks, before.Path));
    }
}
