using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Lets old history expire and gives unused space back to the disk, in small steps while the queue is in use.</summary>
[Cmdlet(VerbsCommon.Optimize, "TaskQueue", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(OptimizeResult))]
public sealed class OptimizeTaskQueueCommand : QueueCmdlet
{
    private static readonly HistoryRetention Default = new();

    /// <summary>How long events of the history are kept; 90d by default.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration KeepEvents { get; set; } = new(Default.Events);

    /// <summary>How long removed tasks can be brought back; 7d by default.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration KeepRemoved { get; set; } = new(Default.Trash);

    protected override void Process()
    {
        var store = OpenStore(forWriting: true);
        var action = $"Optimize, keeping events for {KeepEvents} and removed tasks for {KeepRemoved}";
        if (!ShouldProcess(store.Info.Queue, action))
        {
            return;
        }

        var activity = new ProgressRecord(0, $"Optimizing {store.Info.Queue}", "giving unused space back");
        var result = store.Optimize(
            new HistoryRetention { Events = KeepEvents.Value, Trash = KeepRemoved.Value }, done => ShowProgress(activity, done),
            Cancellation);
        activity.RecordType = ProgressRecordType.Completed;
        WriteProgress(activity);
        WriteObject(result);
        WriteWarnings(result.Warnings);
        WriteVerbose(
            $"{Quantity.Of(result.EventsExpired, "event", "events")} and "
                + $"{Quantity.Of(result.RemovedExpired, "removed task", "removed tasks")} expired; "
                + $"{result.BytesBefore} bytes before, {result.BytesAfter} after.");
        if (result is { IsReclaimed: false, Warnings.Count: 0 })
        {
            WriteWarning(store.Info.Layout is QueueLayout.Original
                ? $"'{store.Info.Queue}' is in the original layout: its file was left as it is, and only the history "
                    + "beside it was looked at."
                : $"No space of '{store.Info.Queue}' was given back: only the owner of its tables may do that.");
        }
    }

    private void ShowProgress(ProgressRecord activity, double done)
    {
        activity.PercentComplete = (int)(100 * done);
        WriteProgress(activity);
    }
}
