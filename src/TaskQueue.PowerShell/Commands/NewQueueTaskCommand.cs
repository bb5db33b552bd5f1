using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Puts new tasks into a queue.</summary>
[Cmdlet(VerbsCommon.New, "QueueTask", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(QueueTask))]
public sealed class NewQueueTaskCommand : BatchCmdlet<(NewTask Task, object Source)>
{
    /// <summary>What kind of work it is.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(TaskTypeCompleter))]
    [RequiresValue]
    public string? Type { get; set; }

    /// <summary>What the handler needs: an object, a hashtable or JSON text; any other text becomes a JSON string.</summary>
    [Parameter(Position = 1)]
    public object? Data { get; set; }

    /// <summary>The task's own id; a version 7 UUID by default.</summary>
    [Parameter]
    [Alias("TaskId")]
    [RequiresValue]
    public string? Id { get; set; }

    /// <summary>1 (runs first) to 10; 5 by default.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(TaskRules.LowestPriorityNumber, TaskRules.HighestPriorityNumber)]
    public int? Priority { get; set; }

    /// <summary>How many retries it may have, from 0; 3 by default.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(0, int.MaxValue)]
    public int? MaxRetries { get; set; }

    /// <summary>The earliest time it may run. A time without an offset is local.</summary>
    [Parameter]
    [RequiresValue]
    [GregorianTime]
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>How long it waits before it may run.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? Delay { get; set; }

    /// <summary>The longest a single attempt may run; no limit by default.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? Timeout { get; set; }

    /// <summary>
    /// An object with a Data property gives Id, Type, Data, Priority, MaxRetries, DueAt, Delay and Timeout; of any other object
    /// the whole becomes the data.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    protected override void Process()
    {
        if (InputObject is null && MyInvocation.ExpectingInput)
        {
            // $null came down the pipeline: no object, no task.
            return;
        }

        object source = (object?)InputObject ?? Id ?? Type ?? "";
        Guard(() => Accept(InputObject is null ? FromParameters() : FromRecord(InputObject), source), source);
    }

    private void Accept(NewTask task, object source)
    {
        task.Validate();
        var store = OpenStore(forWriting: true);
        // Before the batch, which a record that cannot be held would take with it, and before a dry run says it is done.
        store.EnsureCanHold(task);
        if (IsWhatIf && store.Find(task.Id, Cancellation) is not null)
        {
            throw Duplicate(task.Id);
        }

        if (ShouldProcess(task.Id, $"Enqueue {task.Type} task"))
        {
            Add(store, (task, source));
        }
    }

    private NewTask FromRecord(PSObject record)
    {
        var reader = new RecordReader(record);
        if (!reader.Has(nameof(Data)))
        {
            return FromParameters() with { DataJson = DataJson.Write(record) };
        }

        // What stands in the record goes before what stands on the command line: that is the default for all records.
        var given = FromParameters(reader.Read<string>(nameof(Type)));
        var dueAt = reader.ReadTime(nameof(DueAt));
        var delay = reader.Read<Duration>(nameof(Delay))?.Value;
        return given with
        {
            Id = reader.Read<string>(nameof(Id)) ?? given.Id,
            DataJson = reader.ReadJson(nameof(Data)) ?? given.DataJson,
            Priority = reader.Read<int?>(nameof(Priority)) ?? given.Priority,
            MaxRetries = reader.Read<int?>(nameof(MaxRetries)) ?? given.MaxRetries,
            DueAt = dueAt ?? (delay is null ? given.DueAt : null),
            Delay = delay ?? (dueAt is null ? given.Delay : null),
            Timeout = reader.Read<Duration>(nameof(Timeout))?.Value ?? given.Timeout,
        };
    }

    private NewTask FromParameters(string? type = null)
    {
        var task = new NewTask
        {
            Type = type ?? Type ?? throw new TaskValidationException("The task has no Type.", "Give -Type. An object without a Data property becomes the data as a whole; one with Data gives its Type too."),
            DataJson = Data is null ? null : DataJson.Write(Data),
            Priority = Priority ?? NewTask.DefaultPriority,
            MaxRetries = MaxRetries ?? NewTask.DefaultMaxRetries,
            DueAt = DueAt?.ToUniversalTime(),
            Delay = Delay?.Value,
            Timeout = Timeout?.Value,
        };
        return Id is null ? task : task with { Id = Id };
    }

    internal override Action Commit(ITaskStore store, IReadOnlyList<(NewTask Task, object Source)> records)
    {
        var outcomes = store.Enqueue([.. records.Select(record => record.Task)], Cancellation);
        return () => Write(records, outcomes);
    }

    private void Write(IReadOnlyList<(NewTask Task, object Source)> records, IReadOnlyList<TaskOutcome> outcomes)
    {
        foreach (var outcome in outcomes.Where(outcome => outcome.Kind is TaskOutcomeKind.Applied))
        {
            WriteObject(outcome.Task);
        }

        foreach (var (record, outcome) in records.Zip(outcomes).Where(result => result.Second.Kind is not TaskOutcomeKind.Applied))
        {
            Report(Duplicate(outcome.Id), record.Source);
        }
    }

    private static TaskValidationException Duplicate(string id) => new($"There is a task '{id}' already.", "Give another -Id, or leave it out.");
}
