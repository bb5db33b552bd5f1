using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>The base of the cmdlets that act on existing tasks: which tasks, batches, a dry run, outcomes and errors.</summary>
public abstract class TaskChangeCmdlet : OperatorCmdlet
{
    private readonly RecordBatch<(TaskIdentity Identity, TaskChange Change)> _batch;
    private NewOperation? _operation;
    private long _received;
    private bool _hasWarned;

    protected TaskChangeCmdlet() => _batch = NewBatch<(TaskIdentity Identity, TaskChange Change)>(Commit);

    /// <summary>Ids, or task objects. Taken literally: no wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("InputObject", "TaskId")]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [RequiresValue]
    public TaskIdentity[] Id { get; set; } = [];

    /// <summary>The change asked for.</summary>
    internal abstract TaskChange ChangeOf(TaskIdentity identity);

    /// <summary>What -WhatIf and -Confirm say is done to the task, in a few words.</summary>
    internal abstract string ActionOn(TaskIdentity identity);

    /// <summary>The most tasks to change; null for no limit.</summary>
    internal virtual int? Limit => null;

    /// <summary>Whether changed tasks are written.</summary>
    internal virtual bool WritesTasks => false;

    /// <summary>Whether a worker may be running a task that is changed.</summary>
    internal virtual bool StopsWorkers => false;

    /// <summary>How to get what was refused, such as <c>with -Force</c>.</summary>
    internal virtual string? AdviceFor(QueueTask task) => null;

    /// <summary>Called with each change that was applied and written.</summary>
    internal virtual void OnApplied(ITaskStore store, TaskIdentity identity, TaskOutcome outcome)
    {
    }

    protected override void Process()
    {
        foreach (var identity in Id)
        {
            Guard(() => Accept(identity), identity.Source);
        }
    }

    private void Accept(TaskIdentity identity)
    {
        EnsureWithinLimit(identity);
        var store = OpenStore(identity.Queue, forWriting: true);
        var change = ChangeOf(identity);
        store.EnsureSupports(change);
        if (IsWhatIf && store.Predict(change, Cancellation) is { Kind: not TaskOutcomeKind.Applied } refused)
        {
            // A dry run says what the real run would say.
            throw Refusal(store, identity, refused);
        }

        if (ShouldProcess(identity.Id, ActionOn(identity)))
        {
            _operation ??= BeginOperation(change.Kind, Reason);
            _batch.Add(store, (identity, change));
        }
    }

    /// <summary>
    /// Counts every record, whatever becomes of it. So a dry run ends at the same task as the real one, and no prompt comes up for a task
    /// beyond the limit.
    /// </summary>
    private void EnsureWithinLimit(TaskIdentity identity)
    {
        if (++_received > Limit)
        {
            _batch.Flush();
            throw new TooManyTasksException(
                $"More tasks came than {Limit}, which -MaxCount does not allow: '{identity.Id}' and all behind it are left alone.",
                "Look at the selection, then raise -MaxCount or leave it out.");
        }
    }

    private Action Commit(ITaskStore store, IReadOnlyList<(TaskIdentity Identity, TaskChange Change)> records)
    {
        var outcomes = store.Change([.. records.Select(record => record.Change)], _operation!, Cancellation);
        return () => Write(store, [.. records.Zip(outcomes, (record, outcome) => (record.Identity, outcome))]);
    }

    private void Write(ITaskStore store, List<(TaskIdentity Identity, TaskOutcome Outcome)> results)
    {
        foreach (var (identity, outcome) in results.Where(result => result.Outcome.Kind is TaskOutcomeKind.Applied))
        {
            OnApplied(store, identity, outcome);
            if (WritesTasks)
            {
                WriteObject(outcome.Task);
            }
        }

        // Results come first: a warning may end the command, as under -WarningAction Stop.
        WriteVerbose(
            $"{_operation!.Kind}: {results.Count(result => result.Outcome.Kind is TaskOutcomeKind.Applied)} of {results.Count} "
                + $"in {store.Info.Queue}.");
        if (StopsWorkers && !_hasWarned && store.Info.Layout is QueueLayout.Original
            && results.Any(result => result.Outcome is { Kind: TaskOutcomeKind.Applied, Task.StartedAt: not null }))
        {
            _hasWarned = true;
            WriteWarning(StuckTaskCleanup.WorkerNotTold);
        }

        foreach (var (identity, outcome) in results.Where(result => result.Outcome.Kind is not TaskOutcomeKind.Applied))
        {
            Report(Refusal(store, identity, outcome), identity.Source);
        }
    }

    private TaskQueueException Refusal(ITaskStore store, TaskIdentity identity, TaskOutcome outcome) =>
        outcome.Kind is TaskOutcomeKind.NotFound
            ? MissingTask.OfLiteral(store, identity.Id, MyInvocation.MyCommand.Name)
            : TaskRefusal.Of(outcome, null, "Read it again with Get-QueueTask, then decide.", AdviceFor);
}
