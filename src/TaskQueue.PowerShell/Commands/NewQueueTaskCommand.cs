using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Puts new tasks into a queue.</summary>
[Cmdlet(VerbsCommon.New, "QueueTask", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(QueueTask))]
public sealed class NewQueueTaskCommand : QueueCmdlet
{
    private readonly RecordBatch<(NewTask Task, object Source)> _batch;
    private UnknownColumns? _columns;

    public NewQueueTaskCommand() => _batch = NewBatch<(NewTask Task, object Source)>(Commit);

    /// <summary>What kind of work it is.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(TaskTypeCompleter))]
    [RequiresValue]
    public string? Type { get; set; }

    /// <summary>
    /// What the handler needs: an object, a hashtable, or the text of a JSON object or array; any other text is kept as it is.
    /// </summary>
    [Parameter(Position = 1)]
    public object? Data { get; set; }

    /// <summary>The data as JSON of any kind, to the letter.</summary>
    [Parameter]
    [RequiresValue]
    public string? DataJson { get; set; }

    /// <summary>The task's own id; a version 7 UUID by default.</summary>
    [Parameter]
    [Alias("TaskId")]
    [RequiresValue]
    public string? Id { get; set; }

    /// <summary>1 (runs first) to 10; 5 by default.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(TaskRules.LowestPriorityNumber, TaskRules.HighestPriorityNumber)]
    [Number]
    public int? Priority { get; set; }

    /// <summary>How many retries it may have, from 0; 3 by default.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(0, int.MaxValue)]
    [Number]
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
    /// An object with a Data or DataJson property gives Id, Type, Data, Priority, MaxRetries, DueAt, Delay and Timeout. Any other object
    /// becomes the data as a whole, and its Id that of the task. A parameter takes precedence over a property of the object.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    protected override void Process()
    {
        if (InputObject is null && MyInvocation.ExpectingInput)
        {
            // $null came down the pipeline: there is no object, and no task.
            return;
        }

        var source = (object?)InputObject ?? Id ?? Type ?? "";
        Guard(() => Accept(InputObject is null ? FromParameters(GivenJson()) : FromRecord(InputObject), source), source);
    }

    private void Accept(NewTask task, object source)
    {
        task.Validate();
        var store = OpenStore(forWriting: true);
        // Checked first: a task that the queue cannot hold would make its whole batch fail, and a dry run must refuse it too.
        store.EnsureCanHold(task);
        if (IsWhatIf && store.Find(task.Id, Cancellation) is not null)
        {
            throw Duplicate(task.Id);
        }

        if (ShouldProcess(task.Id, $"Enqueue {task.Type} task"))
        {
            _batch.Add(store, (task, source));
        }
    }

    /// <summary>Parameters take precedence over the object's properties, as in PowerShell's own binding.</summary>
    private NewTask FromRecord(PSObject record)
    {
        var reader = new RecordReader(record);
        var given = GivenJson();
        // An exception has a property Data too, but is meant as a whole, like everything that is kept as one text.
        var isWhole = ValueText.Of(record.BaseObject) is not null || !(reader.Has(nameof(Data)) || reader.Has(nameof(DataJson)));
        if (isWhole)
        {
            return given is null
                ? FromParameters(TaskDataJson.Write(record), reader)
                : throw new TaskValidationException(
                    "The piped object would be the data, and the data is given as a parameter too.",
                    "Leave the parameter out, or pipe objects with a Data property, in whose place the parameter is taken.");
        }

        if (record.BaseObject is not QueueTask)
        {
            _columns ??= new UnknownColumns(
                this, [.. UnknownColumns.OfTask, nameof(Delay)],
                "An object with Data gives Id, Type, Data, Priority, MaxRetries, DueAt, Delay and Timeout; "
                    + "what the handler needs belongs into Data.");
            _columns.WarnOf(reader);
        }

        var isTimed = DueAt is not null || Delay is not null;
        return FromParameters(given ?? reader.ReadJson(nameof(Data)), reader, reader.Read<string>(nameof(Type))) with
        {
            Priority = Priority ?? reader.Read<int?>(nameof(Priority)) ?? NewTask.DefaultPriority,
            MaxRetries = MaxRetries ?? reader.Read<int?>(nameof(MaxRetries)) ?? NewTask.DefaultMaxRetries,
            DueAt = isTimed ? DueAt?.ToUniversalTime() : reader.ReadTime(nameof(DueAt)),
            Delay = isTimed ? Delay?.Value : reader.Read<Duration>(nameof(Delay))?.Value,
            Timeout = Timeout?.Value ?? reader.Read<Duration>(nameof(Timeout))?.Value,
        };
    }

    private NewTask FromParameters(string? json, RecordReader? reader = null, string? type = null)
    {
        var task = new NewTask
        {
            Type = Type ?? type ?? throw new TaskValidationException(
                "The task has no Type.",
                "Give -Type, or pipe an object with Type and Data. Of an object without Data everything becomes the data, a Type too."),
            DataJson = json,
            Priority = Priority ?? NewTask.DefaultPriority,
            MaxRetries = MaxRetries ?? NewTask.DefaultMaxRetries,
            DueAt = DueAt?.ToUniversalTime(),
            Delay = Delay?.Value,
            Timeout = Timeout?.Value,
        };
        return (Id ?? reader?.Read<string>(nameof(Id)) ?? reader?.Read<string>("TaskId")) is { } id ? task with { Id = id } : task;
    }

    private string? GivenJson() => (JsonValueWriter.BaseOf(Data), DataJson) switch
    {
        (not null, not null) =>
            throw new TaskValidationException("-Data and -DataJson are both given.", "Leave one of them out."),
        (_, { } json) => TaskDataJson.Exact(json),
        (not null, _) => TaskDataJson.Write(Data),
        _ => null,
    };

    private Action Commit(ITaskStore store, IReadOnlyList<(NewTask Task, object Source)> records)
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

    private static TaskValidationException Duplicate(string id) =>
        new($"There is a task '{id}' already.", "Give another -Id, or leave it out.");
}
