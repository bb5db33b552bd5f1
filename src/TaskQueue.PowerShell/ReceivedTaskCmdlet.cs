using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>The base of the cmdlets with which a script that is its own worker reports on a task it received.</summary>
public abstract class ReceivedTaskCmdlet : QueueCmdlet
{
    private readonly RecordBatch<(TaskIdentity Identity, WorkerChange Change)> _batch;
    private readonly Dictionary<ITaskStore, HashSet<Guid>> _workers = [];
    private NewOperation? _operation;

    // A claim is dropped as soon as its change is committed, on the same thread. Otherwise its lease would be renewed in vain, and its loss
    // reported.
    protected ReceivedTaskCmdlet() => _batch = NewBatch<(TaskIdentity Identity, WorkerChange Change)>(Commit, mayCommitInBackground: false);

    /// <summary>The received task; its id alone is enough in the session that received it.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("InputObject", "TaskId")]
    [RequiresValue]
    public TaskIdentity[] Id { get; set; } = [];

    /// <summary>The change that is to be written for the task.</summary>
    internal abstract WorkerChange ChangeOf(ITaskStore store, TaskIdentity identity, Guid token);

    /// <summary>Whether changed tasks are written.</summary>
    internal virtual bool WritesTasks => false;

    /// <summary>What is added to the error that the claim is gone.</summary>
    internal abstract string LostClaimNote { get; }

    protected override void Process()
    {
        WriteSessionWarnings();
        foreach (var identity in Id)
        {
            Guard(() => Accept(identity), identity.Source);
        }
    }

    private void Accept(TaskIdentity identity)
    {
        var queue = identity.Queue ?? (identity.ClaimToken is null && Queue is null ? HeldQueueOf(identity.Id) : null);
        var store = OpenStore(queue, forWriting: true);
        var token = identity.ClaimToken
            ?? (RunspaceSessions.Current?.Find(identity.Id, store.Info.Queue) is [var held, ..] ? held.ClaimToken : null)
            ?? throw new TaskStateException(
                $"Task '{identity.Id}' of '{store.Info.Queue}' is not held by this session.",
                "Pipe the object that Receive-QueueTask wrote.");
        EnsureReceived(store, identity, token);
        var change = ChangeOf(store, identity, token);
        change.Validate();
        _batch.Add(store, (identity, change));
    }

    /// <summary>
    /// The queue from which a task with this bare id was received. Null if there is none, and if the connected queue is one of several.
    /// </summary>
    private static string? HeldQueueOf(string id) => RunspaceSessions.Current?.Find(id, null) switch
    {
        null or [] => null,
        [var held] => held.Queue,
        var several when ConnectedQueue.Current?.Store.Info.Queue is { } connected && several.Any(held => held.Queue == connected) => null,
        var several => throw new TaskStateException(
            $"This session holds a task '{id}' of each of {several.Count} queues.",
            "Pipe the object that Receive-QueueTask wrote, or say which with -Queue."),
    };

    /// <summary>
    /// Refuses a task that was read but not received. It carries the claim of the worker that runs it, and would go on running there.
    /// </summary>
    private void EnsureReceived(ITaskStore store, TaskIdentity identity, Guid token)
    {
        if (identity.WorkerId is not { } worker || RunspaceSessions.Current?.Holds(token) == true)
        {
            return;
        }

        if (!_workers.TryGetValue(store, out var workers))
        {
            var records = store.Workers.Read(Cancellation).Where(record => record.Kind is WorkerKind.Worker);
            _workers.Add(store, workers = [.. records.Select(record => record.Identity.Id)]);
        }

        if (workers.Contains(worker))
        {
            throw new TaskStateException(
                $"Task '{identity.Id}' was not received: a worker runs it.", "Stop-QueueTask -Force takes it from the worker.");
        }
    }

    private Action Commit(ITaskStore store, IReadOnlyList<(TaskIdentity Identity, WorkerChange Change)> records)
    {
        _operation ??= BeginOperation(NewOperation.Work, null);
        var outcomes = store.Change([.. records.Select(record => record.Change)], _operation, Cancellation);
        var results = records.Zip(outcomes, (record, outcome) => (record.Identity, record.Change, Outcome: outcome)).ToList();
        foreach (var (_, change, _) in results.Where(
            result => result.Outcome is not { Kind: TaskOutcomeKind.Applied, Task.Status: QueueTaskStatus.Running }))
        {
            RunspaceSessions.Current?.Drop(store.Info.Queue, change.Token);
        }

        return () => Write(results);
    }

    private void Write(List<(TaskIdentity Identity, WorkerChange Change, TaskOutcome Outcome)> results)
    {
        if (WritesTasks)
        {
            foreach (var (_, _, outcome) in results.Where(result => result.Outcome.Kind is TaskOutcomeKind.Applied))
            {
                WriteObject(outcome.Task);
            }
        }

        foreach (var (identity, _, outcome) in results.Where(result => result.Outcome.Kind is not TaskOutcomeKind.Applied))
        {
            var state = outcome.Task is { } task ? $"it is {task.StatusText} now" : "it was removed";
            Report(
                new TaskStateException($"The claim of task '{identity.Id}' is gone: {state}. {LostClaimNote}", "Stop working on it."),
                identity.Source);
        }
    }
}
