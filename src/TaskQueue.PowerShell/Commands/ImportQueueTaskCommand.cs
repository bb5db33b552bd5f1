using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Puts tasks in with their full state and times, as Get-QueueTask writes them. A live claim is never imported.</summary>
[Cmdlet(VerbsData.Import, "QueueTask", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(QueueTask))]
public sealed class ImportQueueTaskCommand : OperatorCmdlet
{
    private static readonly ImportOptions Options = new() { Running = RunningTasks.Keep };

    private readonly RecordBatch<(QueueTask Task, object Source)> _batch;
    private NewOperation? _operation;
    private UnknownColumns? _columns;

    public ImportQueueTaskCommand() => _batch = NewBatch<(QueueTask Task, object Source)>(Commit);

    /// <summary>A task, or an object with the properties of one; Type and Status are needed, the others have defaults.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [RequiresValue]
    public PSObject[] InputObject { get; set; } = [];

    /// <summary>Write the imported tasks.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void Process()
    {
        foreach (var record in InputObject)
        {
            Guard(() => Accept(record), record);
        }
    }

    private void Accept(PSObject record)
    {
        var store = OpenStore(forWriting: true);
        store.EnsureTakesImports();
        if (record.BaseObject is not (QueueTask or string))
        {
            _columns ??= new UnknownColumns(
                this, UnknownColumns.OfTask,
                "A task has the properties that Get-QueueTask writes; what the handler needs belongs into Data.");
            _columns.WarnOf(new RecordReader(record));
        }

        var task = ImportedTask.Read(record, store.Now, store.Info.Queue);
        _ = ImportPreparation.Prepare(task, Options, store.Now);
        // Checked first: a task that the queue cannot hold would make its whole batch fail.
        store.EnsureCanHold(new NewTask { Id = task.Id, Type = task.Type });
        if (IsWhatIf && store.Find(task.Id, Cancellation) is not null)
        {
            throw Duplicate(task.Id);
        }

        if (ShouldProcess(task.Id, $"Import {task.StatusText} task"))
        {
            _operation ??= BeginOperation(NewOperation.Import, Reason);
            _batch.Add(store, (task, record));
        }
    }

    private Action Commit(ITaskStore store, IReadOnlyList<(QueueTask Task, object Source)> records)
    {
        var outcomes = store.Import([.. records.Select(record => record.Task)], Options, _operation!, Cancellation);
        return () => Write(store, records, outcomes);
    }

    private void Write(ITaskStore store, IReadOnlyList<(QueueTask Task, object Source)> records, IReadOnlyList<ImportOutcome> outcomes)
    {
        if (PassThru)
        {
            foreach (var outcome in outcomes.Where(outcome => outcome.Kind is ImportOutcomeKind.Added))
            {
                WriteObject(outcome.Task! with { Queue = store.Info.Queue });
            }
        }

        foreach (var (record, outcome) in records.Zip(outcomes).Where(result => result.Second.Kind is not ImportOutcomeKind.Added))
        {
            Report(Duplicate(outcome.Id), record.Source);
        }
    }

    private static TaskValidationException Duplicate(string id) =>
        new($"There is a task '{id}' already.", "Remove it first, or import the task under another Id.");
}
