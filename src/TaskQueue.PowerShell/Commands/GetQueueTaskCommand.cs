using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Reads tasks, oldest first.</summary>
[Cmdlet(VerbsCommon.Get, "QueueTask", DefaultParameterSetName = "Oldest")]
[OutputType(typeof(QueueTask))]
public sealed class GetQueueTaskCommand : QueueCmdlet
{
    private const string Oldest = "Oldest";
    private const string NewestFirst = "Newest";
    private const string StuckTypeName = "TaskQueue.QueueTask#Stuck";

    private readonly Dictionary<ITaskStore, WorkerDirectory> _workers = [];
    private bool _hasReadIds;
    private ITaskStore? _searched;
    private int _written;
    private long _youngDead;

    /// <summary>Ids or patterns, or task objects to read again. An id that exists exactly is taken literally.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("InputObject", "TaskId")]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [RequiresValue]
    [SupportsWildcards]
    public TaskIdentity[]? Id { get; set; }

    /// <summary>Types or patterns. Literal types are case-sensitive, patterns are not.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TaskTypeCompleter))]
    [RequiresValue]
    [SupportsWildcards]
    public string[]? Type { get; set; }

    /// <summary>Types or patterns that are left out. Literal types are case-sensitive, patterns are not.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TaskTypeCompleter))]
    [RequiresValue]
    [SupportsWildcards]
    public string[]? ExcludeType { get; set; }

    /// <summary>Only tasks whose error message, or its first line, is like one of these patterns.</summary>
    [Parameter]
    [RequiresValue]
    [SupportsWildcards]
    public string[]? ErrorMessage { get; set; }

    /// <summary>Only waiting tasks that are due before this time. A time without an offset is local.</summary>
    [Parameter]
    [RequiresValue]
    [GregorianTime]
    public DateTimeOffset? DueBefore { get; set; }

    /// <summary>One or several statuses.</summary>
    [Parameter]
    [EnumNames(typeof(QueueTaskStatus), TakesSeveral = true)]
    [RequiresValue]
    public QueueTaskStatus[]? Status { get; set; }

    /// <summary>Only tasks that have been in their present status for at least this long.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? OlderThan { get; set; }

    /// <summary>Only tasks that have been in their present status for less than this.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? NewerThan { get; set; }

    /// <summary>Only running tasks that are judged stuck; -OlderThan is then the limit, 1 h by default.</summary>
    [Parameter]
    [RequiresValue]
    public SwitchParameter Stuck { get; set; }

    /// <summary>Only tasks held, or last held, by a worker of this name or pattern.</summary>
    [Parameter]
    [RequiresValue]
    [ArgumentCompleter(typeof(WorkerNameCompleter))]
    [SupportsWildcards]
    public string? Worker { get; set; }

    /// <summary>At most this many, the oldest.</summary>
    [Parameter(ParameterSetName = Oldest)]
    [RequiresValue]
    [ValidateRange(1, int.MaxValue)]
    [Number]
    public int? First { get; set; }

    /// <summary>At most this many, the newest, newest first.</summary>
    [Parameter(ParameterSetName = NewestFirst, Mandatory = true)]
    [RequiresValue]
    [ValidateRange(1, int.MaxValue)]
    [Number]
    public int? Newest { get; set; }

    /// <summary>How many may still be written, over all ids together; null for no limit.</summary>
    private int? Left => (Newest ?? First) - _written;

    private TimeSpan MaxAge => OlderThan?.Value ?? StuckPolicy.DefaultMaxAge;

    protected override void Begin()
    {
        if (Stuck && Status?.Contains(QueueTaskStatus.Running) == false)
        {
            throw new TaskValidationException("Only running tasks can be stuck.", "Leave -Status out, or leave -Stuck out.");
        }
    }

    protected override void Process()
    {
        if (Id is null)
        {
            return;
        }

        _hasReadIds = true;
        foreach (var id in Id)
        {
            Guard(() => ReadId(id), id.Source);
        }
    }

    protected override void Finish()
    {
        // An empty pipeline into -Id means no task, not every task.
        if (!_hasReadIds && !MyInvocation.ExpectingInput)
        {
            ReadAll(OpenStore(), null);
        }

        if (_written == 0 && _searched is { } searched)
        {
            WarnOfMisspelling(searched);
        }

        if (_youngDead > 0)
        {
            WriteWarning(
                $"{Quantity.Of(_youngDead, "running task is", "running tasks are")} judged Dead but younger "
                    + $"than {Duration.Format(MaxAge)}. Get-QueueTask -Stuck -OlderThan 0s shows all.");
        }
    }

    private void ReadId(TaskIdentity identity)
    {
        if (Left == 0)
        {
            return;
        }

        var id = identity.Id;
        var store = OpenStore(identity.Queue);
        if (store.Find(id, Cancellation) is { } task)
        {
            var query = QueryFor(null);
            if (query.Includes(task, store.Now))
            {
                Write(task, store);
            }
        }
        else if (WildcardPattern.ContainsWildcardCharacters(id))
        {
            ReadAll(store, Wildcards.Of(id));
        }
        else
        {
            throw MissingTask.In(store, id);
        }
    }

    /// <summary>Nothing was found. That may be good news, or the name is misspelt.</summary>
    private void WarnOfMisspelling(ITaskStore store)
    {
        MisspeltNames.WarnOfTypes(this, store, Type);
        if (Worker is not null)
        {
            MisspeltNames.WarnOfWorker(
                this, QueueWorkerInfo.Read(store, Cancellation).Select(worker => worker.Name), nameof(Worker), Worker);
        }
    }

    private void ReadAll(ITaskStore store, WildcardPattern? ids)
    {
        if (_searched is null)
        {
            // A misspelt type excludes nothing. A warning after the output would come too late.
            MisspeltNames.WarnOfTypes(this, store, ExcludeType);
        }

        _searched = store;
        foreach (var task in store.Read(QueryFor(ids), Cancellation))
        {
            Write(task, store);
        }

        if (Stuck && OlderThan is null)
        {
            // The limit is a default that nobody asked for, so tasks of dead workers that it hides are counted for a warning.
            var young = QueryFor(ids) with
            {
                OlderThan = null, NewerThan = NewerThan?.Value < MaxAge ? NewerThan.Value : MaxAge, Limit = null, IncludePayload = false,
            };
            _youngDead += store.Read(young, Cancellation).Count(task => Judge(task, store).Verdict is StuckVerdict.Dead);
        }
    }

    private StuckTask Judge(QueueTask task, ITaskStore store)
    {
        if (!_workers.TryGetValue(store, out var workers))
        {
            _workers.Add(store, workers = new WorkerDirectory(store));
        }

        return StuckJudge.Judge(
            task, workers.LivenessOf(task, Cancellation), store.Now, MaxAge, workers.ProgressTimeoutOf(task, Cancellation));
    }

    private void Write(QueueTask task, ITaskStore store)
    {
        _written++;
        if (task.Status is not QueueTaskStatus.Running)
        {
            WriteObject(task);
            return;
        }

        var judged = Judge(task, store);
        var written = PSObject.AsPSObject(task with { Verdict = judged.Verdict, Evidence = judged.Evidence });
        if (Stuck)
        {
            written.TypeNames.Insert(0, StuckTypeName);
        }

        WriteObject(written);
    }

    private TaskQuery QueryFor(WildcardPattern? ids)
    {
        // The store filters by exact types; patterns are compared here.
        var hasPatterns = Type?.Any(WildcardPattern.ContainsWildcardCharacters) == true;
        var matchesType = hasPatterns ? TypePattern.ConditionOf(Type) : null;
        // Unknown stands for every text that is not a status, so the store cannot filter by it.
        var readsUnknown = Status?.Contains(QueueTaskStatus.Unknown) == true;
        var workers = Worker is null ? null : Wildcards.Of(Worker);
        var excludesPatterns = ExcludeType?.Any(WildcardPattern.ContainsWildcardCharacters) == true;
        var isExcluded = excludesPatterns ? TypePattern.ConditionOf(ExcludeType) : null;
        var messages = ErrorMessage?.Select(Wildcards.Of).ToList();
        return new TaskQuery
        {
            Types = hasPatterns ? [] : Type ?? [],
            ExcludedTypes = excludesPatterns ? [] : ExcludeType?.Distinct(StringComparer.Ordinal).ToArray() ?? [],
            Statuses = Stuck ? [QueueTaskStatus.Running]
                : readsUnknown ? []
                : Status?.Distinct().ToArray() ?? (DueBefore is null ? [] : [QueueTaskStatus.Pending, QueueTaskStatus.Retry]),
            DueBefore = DueBefore?.ToUniversalTime(),
            HasErrorMessage = messages is not null,
            OlderThan = Stuck ? MaxAge : OlderThan?.Value,
            NewerThan = NewerThan?.Value,
            Limit = Left,
            NewestFirst = Newest is not null,
            Matches = task =>
                ids?.IsMatch(task.Id) != false
                && matchesType?.Invoke(task) != false
                && isExcluded?.Invoke(task) != true
                && messages?.Exists(
                    pattern => pattern.IsMatch(task.ErrorMessage!) || pattern.IsMatch(TerminalText.FirstLine(task.ErrorMessage))) != false
                && (!readsUnknown || Status!.Contains(task.Status))
                && (workers is null || (task.Worker is { } worker && workers.IsMatch(worker))),
        };
    }
}
