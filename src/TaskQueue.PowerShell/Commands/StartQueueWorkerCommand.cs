using System.Collections;
using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Runs tasks in this session until Ctrl+C, and writes each that ended.</summary>
[Cmdlet(
    VerbsLifecycle.Start, "QueueWorker", DefaultParameterSetName = ScriptSet, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(QueueTask))]
public sealed class StartQueueWorkerCommand : QueueCmdlet
{
    private const string ScriptSet = "Script";
    private const string ProgramSet = "Program";

    /// <summary>
    /// A hashtable with a script for each type, and '*' for all others; or one script for the types of -Type. A script is a script block, a
    /// function or a script file.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = ScriptSet)]
    [RequiresValue]
    public object? Handler { get; set; }

    /// <summary>
    /// A program that runs each task: it reads the task as JSON on its standard input, and writes the result. Or a script (.ps1), which
    /// runs like a script of -Handler.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = ProgramSet)]
    [RequiresValue]
    public string? FilePath { get; set; }

    /// <summary>Arguments of the program, passed on as they are.</summary>
    [Parameter(ParameterSetName = ProgramSet)]
    [RequiresValue(AllowsEmpty = true)]
    public string[] ArgumentList { get; set; } = [];

    /// <summary>The types the handler or program is for, case-sensitive; '*' for all.</summary>
    [Parameter(ParameterSetName = ScriptSet)]
    [Parameter(Mandatory = true, ParameterSetName = ProgramSet)]
    [ArgumentCompleter(typeof(TaskTypeCompleter))]
    [RequiresValue]
    public string[]? Type { get; set; }

    /// <summary>How many tasks run at a time; the number of processors by default.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(1, 1000)]
    [Number]
    public int Concurrency { get; set; } = Environment.ProcessorCount;

    /// <summary>
    /// How many tasks to claim beyond those that can start at once. Auto, the default: as many as the handlers will probably start within
    /// 50 ms.
    /// </summary>
    [Parameter]
    [RequiresValue]
    [Number]
    [ArgumentCompleter(typeof(PrefetchCompleter))]
    public PrefetchCount? Prefetch { get; set; }

    /// <summary>End once nothing is due and nothing runs.</summary>
    [Parameter]
    public SwitchParameter Drain { get; set; }

    /// <summary>Take no more than this many tasks, then end.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(1, int.MaxValue)]
    [Number]
    public int? MaxTasks { get; set; }

    /// <summary>How long a task stays with this worker without a sign of life, 1s to 1d; 60s by default.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? LeaseTime { get; set; }

    /// <summary>How long running tasks may go on after Ctrl+C, and handlers after their task was stopped; 20s by default.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? GracePeriod { get; set; }

    /// <summary>The wait before the first retry of a failed task; it doubles with each retry, up to 1h. 10s by default.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? RetryDelay { get; set; }

    /// <summary>Leave processes running that a handler left behind when it ended by itself. By default they are ended.</summary>
    [Parameter]
    public SwitchParameter KeepChildren { get; set; }

    /// <summary>
    /// How long a task may run without a report of progress before it is judged Stalled: a duration for all types, or a hashtable of a
    /// duration for each type. No limit by default. The limit is for the verdict only; nothing is stopped.
    /// </summary>
    [Parameter]
    [RequiresValue]
    public object? ProgressTimeout { get; set; }

    /// <summary>Modules the handlers need, by name or path.</summary>
    [Parameter]
    [RequiresValue]
    public string[] ImportModule { get; set; } = [];

    /// <summary>Run once in each runspace before its first task.</summary>
    [Parameter]
    [RequiresValue]
    public ScriptBlock? InitializationScript { get; set; }

    /// <summary>Variables for the handlers. Their values are shared between the tasks that run at the same time.</summary>
    [Parameter]
    [RequiresValue]
    public IDictionary Variable { get; set; } = new Hashtable();

    protected override void Process()
    {
        var store = OpenStore(forWriting: true);
        if (store.Info.Layout is QueueLayout.Original)
        {
            throw new LayoutNotSupportedException("claims and leases, which a worker needs");
        }

        var options = Options();
        options.Validate();
        CheckVariables();
        var scripts = Scripts();
        var modules = scripts?.Values.Select(script => script.Module).OfType<string>() ?? [];
        using var runspaces = new HandlerRunspaces(EnvironmentFor(store, modules));
        var handlers = scripts is null
            ? ForEachType<ITaskHandler>(
                new ProgramHandler(
                    ProgramFile.Find(this, FilePath!),
                    ArgumentList,
                    SessionState.Path.CurrentFileSystemLocation.ProviderPath,
                    KeepChildren))
            : scripts.ToDictionary(
                script => script.Key, ITaskHandler (script) => new ScriptHandler(script.Value, runspaces), StringComparer.Ordinal);
        options = options with { ProgressTimeouts = ProgressTimeouts.Read(ProgressTimeout, handlers.Keys) };
        if (ShouldProcess(store.Info.Queue, $"Run tasks of the types {string.Join(", ", handlers.Keys)}"))
        {
            if (scripts is not null)
            {
                Prepare(runspaces, scripts.Values.Distinct());
            }

            new WorkerRun(this, store, handlers, options, KeepChildren).Run();
        }
    }

    /// <summary>
    /// Refuses names with a colon, which name a scope or a drive: setting <c>env:PATH</c> would change the whole process.
    /// </summary>
    private void CheckVariables()
    {
        foreach (var name in Variable.Keys.Cast<object>().Select(key => key.ToString() ?? ""))
        {
            if (string.IsNullOrWhiteSpace(name) || name.AsSpan().ContainsAny(':', '$'))
            {
                throw new TaskValidationException(
                    $"'{name}' of -Variable is not the name of a variable.",
                    "Give names alone, without $ and scope, such as -Variable @{ folder = $folder }.");
            }
        }
    }

    /// <summary>The script for each type; null if a program runs the tasks.</summary>
    private IReadOnlyDictionary<string, HandlerScript>? Scripts()
    {
        if (FilePath is null)
        {
            return HandlerScripts.Of(Handler!, Type, SessionState);
        }

        var isScript = Path.GetExtension(FilePath).Equals(".ps1", StringComparison.OrdinalIgnoreCase);
        string[] unsuitable = isScript ? [nameof(ArgumentList)] : [nameof(ImportModule), nameof(InitializationScript), nameof(Variable)];
        if (unsuitable.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is { } parameter)
        {
            throw isScript
                ? new TaskValidationException(
                    $"-{parameter} is for programs; '{FilePath}' is a script.",
                    "Give the script its values with -Variable @{ name = value }.")
                : new TaskValidationException($"-{parameter} is for scripts; '{FilePath}' is a program.", $"Leave -{parameter} out.");
        }

        return isScript
            ? ForEachType(
                HandlerScript.OfFile(SessionState.Path.GetUnresolvedProviderPathFromPSPath(FilePath), nameof(FilePath), SessionState))
            : null;
    }

    private Dictionary<string, T> ForEachType<T>(T handler) =>
        Type!.Distinct(StringComparer.Ordinal).ToDictionary(type => type, _ => handler, StringComparer.Ordinal);

    private WorkerOptions Options()
    {
        var options = new WorkerOptions
        {
            Concurrency = Concurrency, Prefetch = Prefetch?.Count, EndsWhenEmpty = Drain, MaxTasks = MaxTasks,
        };
        return options with
        {
            LeaseTime = LeaseTime?.Value ?? options.LeaseTime,
            GracePeriod = GracePeriod?.Value ?? options.GracePeriod,
            Backoff = RetryDelay is null ? options.Backoff : options.Backoff with { First = RetryDelay.Value },
        };
    }

    private HandlerEnvironment EnvironmentFor(ITaskStore store, IEnumerable<string> modulesOfScripts) => new()
    {
        Queue = store.Info.Queue,
        StoreOptions = ConnectedQueue.OptionsOf(store),
        Location = SessionState.Path.CurrentFileSystemLocation.ProviderPath,
        Modules = [.. ImportModule, .. modulesOfScripts.Distinct(StringComparer.Ordinal)],
        Variables = Variable,
        KeepsChildren = KeepChildren,
        Initialization = InitializationScript is null
            ? null
            : new HandlerScript(InitializationScript, nameof(InitializationScript), SessionState),
    };

    private void Prepare(HandlerRunspaces runspaces, IEnumerable<HandlerScript> scripts)
    {
        try
        {
            runspaces.Prepare(scripts, Cancellation);
        }
        catch (RuntimeException error) when (error is not PipelineStoppedException)
        {
            // The error is thrown as the runspace raised it, for a missing module or a mistake in the initialization script.
            ThrowTerminatingError(new ErrorRecord(error.ErrorRecord, error));
        }
    }
}
