using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Undoes an operation: brings tasks back as they were before it, unless they have changed since.</summary>
[Cmdlet(VerbsCommon.Undo, "QueueOperation", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(UndoReport))]
public sealed class UndoQueueOperationCommand : OperatorCmdlet
{
    // Operations from a list. The list may hold undos together with the operations that they have undone.
    private readonly List<OperationIdentity> _listed = [];

    /// <summary>Ids, unambiguous beginnings of them, operations, or reports of a cleanup or an undo.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("InputObject", "Id")]
    [ArgumentCompleter(typeof(OperationIdCompleter))]
    [RequiresValue]
    public OperationIdentity[] OperationId { get; set; } = [];

    /// <summary>
    /// Bring tasks that were running back as pending in any case. They run once more, even if one is still at work where nobody can see it.
    /// </summary>
    [Parameter]
    public SwitchParameter Requeue { get; set; }

    protected override void Process()
    {
        foreach (var identity in OperationId)
        {
            if (MyInvocation.ExpectingInput && identity.IsListed)
            {
                _listed.Add(identity);
            }
            else
            {
                Guard(() => Undo(identity), identity.Source);
            }
        }
    }

    /// <summary>
    /// Several operations come from a list that nobody has read one by one. Undoing the undos among them would bring back what they took
    /// back. A single operation is meant as it is.
    /// </summary>
    protected override void Finish()
    {
        List<OperationIdentity> leftAlone = [];
        foreach (var identity in _listed)
        {
            Guard(() => UndoListed(identity, leftAlone), identity.Source);
        }

        if (leftAlone.Count > 0)
        {
            WriteWarning(
                $"{Quantity.Of(leftAlone.Count, "operation is", "operations are")} left alone, being "
                    + $"undone already or an undo: {NameList.Of([.. leftAlone.Select(identity => $"{identity.Id}")])}. "
                    + "Undo-QueueOperation -OperationId undoes one of them in any case.");
        }
    }

    private void UndoListed(OperationIdentity identity, List<OperationIdentity> leftAlone)
    {
        if (_listed.Count > 1
            && identity.FindIn(OpenStore(identity.Queue, forWriting: true), Cancellation) is { } operation
            && (operation.Undoes is not null || operation.UndoneBy is not null))
        {
            leftAlone.Add(identity);
            return;
        }

        Undo(identity);
    }

    private void Undo(OperationIdentity identity)
    {
        var store = OpenStore(identity.Queue, forWriting: true);
        var operation = identity.FindIn(store, Cancellation);
        var workers = new WorkerDirectory(store);
        bool Lives(Guid worker) => workers.Lives(worker, Cancellation);
        // A dry run judges each task as the real run would, and says the same.
        var plan = IsWhatIf ? store.History.PlanUndo(operation.Id, Lives, Requeue, Cancellation) : null;
        if (ShouldProcess(DisplayText.OperationId(operation.Id), ActionOn(operation)))
        {
            var activity = new ProgressRecord(
                0, $"Undoing {operation.Kind} {DisplayText.OperationId(operation.Id)}", Quantity.Of(operation.Tasks, "task", "tasks"));
            WriteProgress(activity);
            plan = store.History.Undo(operation.Id, BeginOperation(NewOperation.Undo, Reason), Lives, Requeue, Cancellation);
            activity.RecordType = ProgressRecordType.Completed;
            WriteProgress(activity);
        }

        if (plan is { } report)
        {
            WriteObject(new UndoReport(report));
            WarnOfSkipped(report);
            if (!report.IsComplete)
            {
                throw new QueueUnavailableException(string.Join(" ", report.Warnings), "Repeat the command once the queue can be used.");
            }
        }
    }

    private void WarnOfSkipped(UndoResult report)
    {
        foreach (var group in report.Skipped.GroupBy(task => task.SkipReason))
        {
            string[] ids = [.. group.Select(task => task.Id)];
            WriteWarning($"{Quantity.Of(ids.Length, "task is", "tasks are")} left alone ({group.Key}): {NameList.Of(ids)}");
        }
    }

    private static string ActionOn(QueueOperation operation)
    {
        var tasks = Quantity.Of(operation.Tasks, "task", "tasks");
        return $"Undo {operation.Kind} of {tasks} ({DisplayText.Time(operation.At)}, {operation.User}@{operation.Machine})";
    }
}
