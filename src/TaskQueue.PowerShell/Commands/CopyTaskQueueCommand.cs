using System.Management.Automation;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell.Commands;

/// <summary>
/// Copies all tasks with their full state to another queue, which is made if there is none. A rerun copies what has changed since.
/// </summary>
[Cmdlet(VerbsCommon.Copy, "TaskQueue", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(CopyResult))]
public sealed class CopyTaskQueueCommand : OperatorCmdlet
{
    /// <summary>The queue to copy to: a path, a URI or connection string of PostgreSQL, or a connection.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(QueuePathCompleter))]
    [RequiresValue]
    public QueueLocation? Destination { get; set; }

    /// <summary>
    /// What becomes of running tasks there: Requeue (pending, the default), Fail, or Keep (running without a live claim).
    /// </summary>
    [Parameter]
    [RequiresValue]
    [EnumNames(typeof(RunningTasks))]
    public RunningTasks Running { get; set; }

    protected override void Process()
    {
        var source = OpenStore();
        var location = Destination!.Resolve(this);
        if (TaskStores.SameQueue(source.Info.Queue, location))
        {
            throw new TaskValidationException("Source and destination are the same queue.", "Give another -Destination.");
        }

        // Read before the destination is made, so that a source that cannot be read leaves no empty queue behind.
        var total = source.CountByStatus(Cancellation).Values.Sum();
        if (!ShouldProcess(TaskStores.Show(location), $"Copy tasks of {source.Info.Queue}"))
        {
            return;
        }

        Location = TaskStores.Show(location);
        using var destination = TaskStores.Open(
            location, new StoreOptions { Create = true, ForWriting = true, Cancellation = Cancellation });
        var activity = new ProgressRecord(0, $"Copying {source.Info.Queue}", "starting");
        var result = QueueTransfer.Copy(
            source,
            destination,
            Running,
            BeginOperation(NewOperation.Copy, Origin(source.Info.Queue, Reason)),
            (task, error) => Report(error, task),
            read => ShowProgress(activity, read, total),
            Cancellation);
        activity.RecordType = ProgressRecordType.Completed;
        WriteProgress(activity);
        WriteObject(result);
        WriteWarnings(result.Warnings);
        WarnOfRunning(result.WasRunning, Running);
        if (result.Skipped > 0)
        {
            WriteWarning(
                $"{Quantity.Of(result.Skipped, "task was", "tasks were")} left alone at the destination: changed there since it was "
                    + "copied, or not put there by a copy of this queue.");
        }
    }

    private void ShowProgress(ProgressRecord activity, long read, long total)
    {
        activity.StatusDescription = $"{read:N0} of {Quantity.Of(total, "task", "tasks")}";
        activity.PercentComplete = total == 0 ? 100 : (int)Math.Min(100, 100 * read / total);
        WriteProgress(activity);
    }
}
