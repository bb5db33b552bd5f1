using System.Management.Automation;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Replaces all tasks of a queue by those of a backup, after a backup of the present state.</summary>
[Cmdlet(VerbsData.Restore, "TaskQueue", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(RestoreResult))]
public sealed class RestoreTaskQueueCommand : OperatorCmdlet
{
    /// <summary>The backup to restore.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Path")]
    [RequiresValue]
    public string BackupPath { get; set; } = "";

    /// <summary>The queue to restore. By default the queue of a piped backup, else the one that any command would use.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(QueuePathCompleter))]
    [RequiresValue]
    public override QueueLocation? Queue { get; set; }

    /// <summary>
    /// What becomes of tasks that were running when the backup was made: Requeue (pending, the default), Fail, or Keep (running without a
    /// live claim, to be judged again).
    /// </summary>
    [Parameter]
    [RequiresValue]
    [EnumNames(typeof(RunningTasks))]
    public RunningTasks Running { get; set; }

    /// <summary>Restore even if workers live or hold tasks. Their late results will be refused.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void Process()
    {
        var path = FilePaths.Resolve(this, BackupPath);
        Location = path;
        using var backup = TaskStores.OpenBackup(path, Cancellation);
        var wasRunning = backup.CountByStatus(Cancellation).GetValueOrDefault(QueueTaskStatus.Running.ToText());
        var action = $"Replace all tasks by those of {path}"
            + (wasRunning > 0
                ? $"; {Quantity.Of(wasRunning, "that was running becomes", "that were running become")} {TextOf(Running)}"
                : null);
        var store = OpenStoreIfThere();
        if (store is not null)
        {
            EnsureReplaceable(store, backup, path);
        }

        if (!ShouldProcess(Location, action))
        {
            return;
        }

        string? before = null;
        if (store is null)
        {
            // The queue is lost. A copy of the backup may take its place.
            backup.Backup(new BackupRequest(Location!), Cancellation);
            store = OpenTarget();
        }
        else
        {
            before = new AutomaticBackups(store).Make(null, Cancellation).Path;
            WriteVerbose($"Backup of the present state: {before}.");
        }

        var afterwards = new AfterCommit();
        var tasks = QueueTransfer.Restore(
            backup, store, Running, BeginOperation(NewOperation.Restore, Origin(path, Reason)), afterwards, Cancellation);
        WriteObject(new RestoreResult(store.Info.Queue, path, tasks, wasRunning, before) { Warnings = afterwards.Warnings });
        WarnOfRunning(wasRunning, Running);
        WriteWarnings(afterwards.Warnings);
    }

    // -Queue differs for each piped backup. It is given as the piped queue, so that the store of the backup before is not used again.
    private ITaskStore OpenTarget() => OpenStore(Queue?.Text, forWriting: true);

    private ITaskStore? OpenStoreIfThere()
    {
        try
        {
            return OpenTarget();
        }
        catch (QueueNotFoundException) when (!TaskStores.NamesServer(Location!))
        {
            return null;
        }
    }

    private void EnsureReplaceable(ITaskStore store, ITaskStore backup, string path)
    {
        if (TaskStores.SameQueue(store.Info.Queue, path))
        {
            throw new TaskValidationException("The backup is the queue itself.", "Give the path of a backup of it.");
        }

        if (store.Info.Layout is QueueLayout.Original && backup.Info.Layout is not QueueLayout.Original)
        {
            throw new LayoutNotSupportedException("tasks of another layout");
        }

        var alive = QueueWorkerInfo.Read(store, Cancellation)
            .Where(worker => worker is { Kind: WorkerKind.Worker, State: not QueueWorkerState.Dead })
            .ToList();
        if (alive.Count > 0 && !Force)
        {
            throw new TaskStateException(
                $"{Quantity.Of(alive.Count, "worker works", "workers work")} on the queue, such as {alive[0].Name}: {alive[0].Evidence}.",
                "Stop them first: Get-QueueWorker | Stop-QueueWorker. Or restore with -Force.");
        }

        var held = QueueTransfer.HeldByLiveWorkers(store, Cancellation);
        if (held.Count > 0 && !Force)
        {
            throw new TaskStateException(
                $"Workers hold {Quantity.Of(held.Count, "running task", "running tasks")}, such as '{held[0].Id}' on {held[0].Worker}.",
                "Stop the workers first, or restore with -Force.");
        }
    }
}
