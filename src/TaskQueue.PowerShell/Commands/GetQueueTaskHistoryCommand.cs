using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Shows what happened to tasks, the oldest event first. It also shows the events of tasks that are gone.</summary>
[Cmdlet(VerbsCommon.Get, "QueueTaskHistory")]
[OutputType(typeof(TaskEvent))]
public sealed class GetQueueTaskHistoryCommand : QueueCmdlet
{
    private const string SeveralTasksTypeName = "TaskQueue.TaskEvent#SeveralTasks";

    private bool _hasReadIds;

    /// <summary>
    /// Ids, or task objects. Ids are taken literally, without wildcards. A piped operation, or the report of a cleanup or an undo, stands
    /// for all its events.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("InputObject", "TaskId")]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [RequiresValue]
    public TaskIdentity[]? Id { get; set; }

    /// <summary>
    /// Only events of these operations: ids, unambiguous beginnings of them, operations, or reports of a cleanup or an undo.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(OperationIdCompleter))]
    [RequiresValue]
    public OperationIdentity[]? OperationId { get; set; }

    protected override void Process()
    {
        foreach (var identity in Id ?? [])
        {
            _hasReadIds = true;
            Guard(() => ReadOne(identity), identity.Source);
        }
    }

    protected override void Finish()
    {
        // An empty pipeline means no task, not every task.
        if (_hasReadIds || MyInvocation.ExpectingInput)
        {
            return;
        }

        if (OperationId is null)
        {
            _ = Write(OpenStore(), new EventQuery(), SeveralTasksTypeName);
            return;
        }

        foreach (var operation in OperationId)
        {
            Guard(() => ReadOperation(operation), operation.Source);
        }
    }

    private void ReadOperation(OperationIdentity identity)
    {
        var store = OpenStore(identity.Queue);
        var operation = identity.FindIn(store, Cancellation);
        _ = Write(store, new EventQuery { OperationId = operation.Id }, SeveralTasksTypeName);
    }

    private void ReadOne(TaskIdentity identity)
    {
        if (OperationIdentity.IsOperation(identity.Source))
        {
            ReadOperation(new OperationIdentity(PSObject.AsPSObject(identity.Source)));
            return;
        }

        var store = OpenStore(identity.Queue);
        var operations = OperationId?.Select(operation => (Guid?)operation.FindIn(store, Cancellation).Id) ?? [null];
        var written = operations.Sum(operation => Write(store, new EventQuery { TaskId = identity.Id, OperationId = operation }, null));
        if (written == 0 && OperationId is null && store.Find(identity.Id, Cancellation) is null)
        {
            throw MissingTask.OfLiteral(store, identity.Id, MyInvocation.MyCommand.Name, alsoMissing: ", and its history knows none");
        }
    }

    private long Write(ITaskStore store, EventQuery query, string? typeName)
    {
        long count = 0;
        foreach (var happened in store.History.ReadEvents(query, Cancellation))
        {
            var written = PSObject.AsPSObject(happened);
            if (typeName is not null)
            {
                written.TypeNames.Insert(0, typeName);
            }

            WriteObject(written);
            count++;
        }

        return count;
    }
}
