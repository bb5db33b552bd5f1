using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using TaskQueue.Storage;

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

    // Enough to find a misspelt type, and quickly read however many tasks wait.
    private const int MostLookedAt = 1000;
    private const int MostTypesNamed = 10;

    private readonly List<(string Id, string Message)> _failures = [];

    // Failures that are followed by another try, by the task's id.
    private readonly Dictionary<string, string> _retries = new(StringComparer.Ordinal);

    /// <summary>
    /// A hashtable of a script for each type, '*' for all others, or one script for those of -Type: a script block, a function or a script
    /// file.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = ScriptSet)]
    [RequiresValue]
    public object? Handler { get; set; }

    /// <summary>
    /// A program that runs each task: it reads the task as JSON on its standard input, and writes the result. Or a script (.ps1), which
    /// runs as one of
    /// -Handler does.
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

    /// <summary>How long a task stays this worker's without a sign of life, 1s to 1d; 60s by default.</summary>
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

    /// <summary>Leave alone what a handler left running when it ended by itself; else it is ended.</summary>
    [Parameter]
    public SwitchParameter KeepChildren { get; set; }

    /// <summary>
    /// How long a task may run without a report of progress before it is judged Stalled: a duration for all types, or a hashtable of a
    /// duration for each type. No limit by default. It judges, and stops nothing.
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
        using var runspaces = new HandlerRunspaces(EnvironmentFor(store, OptionsOf(store), modules));
        var handlers = scripts is null
            ? ForEachType<ITaskHandler>(
                new ProgramHandler(
                    ProgramPath(FilePath!), ArgumentList, SessionState.Path.CurrentFileSystemLocation.ProviderPath, KeepChildren))
            : scripts.ToDictionary(
                script => script.Key, ITaskHandler (script) => new ScriptHandler(script.Value, runspaces), StringComparer.Ordinal);
        options = options with { ProgressTimeouts = ProgressTimeouts(handlers.Keys) };
        if (ShouldProcess(store.Info.Queue, $"Run tasks of the types {string.Join(", ", handlers.Keys)}"))
        {
            if (scripts is not null)
            {
                Prepare(runspaces, scripts.Values.Distinct());
            }

            Work(store, handlers, options);
        }
    }

    /// <summary>A name with a colon would be one of a scope or a drive: <c>env:PATH</c> changes the whole process.</summary>
    private void CheckVariables()
    {
        foreach (var name in Variable.Keys.Cast<object>().Select(key => key.ToString() ?? ""))
        {
            if (string.IsNullOrWhiteSpace(name) || name.Contains(':', StringComparison.Ordinal))
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
        string[] odd = isScript ? [nameof(ArgumentList)] : [nameof(ImportModule), nameof(InitializationScript), nameof(Variable)];
        if (odd.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey) is { } parameter)
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

    /// <summary>As PowerShell finds it: a name in the PATH, or a path seen from the present location.</summary>
    private string ProgramPath(string text)
    {
        if (InvokeCommand.GetCommand(text, CommandTypes.Application) is not ApplicationInfo { Path: var path })
        {
            var file = SessionState.Path.GetUnresolvedProviderPathFromPSPath(text);
            throw File.Exists(file)
                ? new TaskValidationException(
                    $"'{file}' is not a program that can be executed.",
                    OperatingSystem.IsWindows()
                        ? "Give the program that runs it, and the file as an argument."
                        : $"Mark it as one: chmod +x '{file}'. Or give the program that runs it, and the file as an argument.")
                : new TaskValidationException($"There is no program '{text}'.", "Give its path, or a name that is found in the PATH.");
        }

        const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Executable) != 0
            ? path
            : throw new TaskValidationException(
                $"'{path}' is not marked as a program that can be executed.", $"Mark it: chmod +x '{path}'.");
    }

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

    private Dictionary<string, TimeSpan> ProgressTimeouts(IReadOnlyCollection<string> types) => ProgressTimeout switch
    {
        null => [],
        IDictionary each => TypeKeys.Read(each, "-ProgressTimeout", "time-outs", (type, value) => ProgressTimeoutOf(type, value, types)),
        _ => types.ToDictionary(type => type, _ => DurationOf(ProgressTimeout), StringComparer.Ordinal),
    };

    private static TimeSpan ProgressTimeoutOf(string type, object? value, IReadOnlyCollection<string> types) =>
        HandledTypes.Include(types, type)
            ? DurationOf(value)
            : throw new TaskValidationException(
                $"-ProgressTimeout has a time-out of the type '{type}', which has no handler here.",
                $"Types are case-sensitive; those with a handler are {string.Join(", ", types.Select(handled => $"'{handled}'"))}.");

    private static TimeSpan DurationOf(object? value) =>
        LanguagePrimitives.TryConvertTo<Duration?>(value, out var duration) && duration is { Value: var time } && time > TimeSpan.Zero
            ? time
            : throw new TaskValidationException(
                $"'{value}' is not a time-out for -ProgressTimeout.",
                "Give a duration such as 10m, or a hashtable such as @{ render = '10m' }.");

    private HandlerEnvironment EnvironmentFor(ITaskStore store, StoreOptions options, IEnumerable<string> modulesOfScripts) => new()
    {
        Queue = store.Info.Queue,
        StoreOptions = options,
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
            // Thrown as it came up in the runspace: a missing module, or a mistake in the initialization script.
            ThrowTerminatingError(new ErrorRecord(error.ErrorRecord, error));
        }
    }

    /// <summary>In the first runspace of a console, nothing else can be started while the worker runs.</summary>
    private bool HasProcessForItself => Host.Name == "ConsoleHost" && Runspace.DefaultRunspace.Id == 1;

    private void Work(ITaskStore store, Dictionary<string, ITaskHandler> handlers, WorkerOptions options)
    {
        using var process = HasProcessForItself && !KeepChildren ? DedicatedProcess.Begin() : null;
        using var worker = new ForegroundWorker(store, handlers, options, Actor.Current(MyInvocation.MyCommand.Name));
        using var signals = new TerminationSignals(worker, Cancellation);
        var progress = new WorkerProgress(worker.Identity.Name, handlers.Keys);
        var hasSaidThatItDrains = false;
        worker.Start();
        try
        {
            while (!worker.HasEnded && !signals.HasHungUp)
            {
                if (worker.TryTake(out var notice, progress.UntilNext, Cancellation) && !signals.HasHungUp)
                {
                    Write(notice);
                }

                if (signals.HasTerminated && !hasSaidThatItDrains && !signals.HasHungUp)
                {
                    hasSaidThatItDrains = true;
                    WriteWarning(Draining(worker.Counts.Running, "SIGTERM"));
                }

                if (!signals.HasHungUp && progress.UntilNext == TimeSpan.Zero)
                {
                    WriteProgress(progress.Next(worker.Counts));
                }
            }

            if (!signals.HasHungUp)
            {
                WriteProgress(progress.Completed);
            }

            WriteFailures();
            WarnOfRetries();
            if (Drain && worker.Counts is { Done: 0, Failed: 0, Retried: 0 })
            {
                WarnOfWaiting(store, handlers);
            }
        }
        finally
        {
            SayThatItDrains(worker.Counts.Running);
            // However the pipeline ends, by Ctrl+C or by a command downstream, no task stays behind as running.
            worker.DrainAndWait();
        }

        worker.ThrowIfFailed();
        if (signals.HasTerminated)
        {
            // The process was told to end, and the worker did so. For a service manager that is a success.
            Host.SetShouldExit(0);
            throw new PipelineStoppedException();
        }
    }

    private void Write(WorkerNotice notice)
    {
        if (notice.Warning is { } warning)
        {
            WriteWarning(warning);
            return;
        }

        if (notice.Failure is { } failure)
        {
            WriteVerbose(failure);
        }

        if (Drain || MaxTasks is not null)
        {
            Remember(notice);
        }

        if (notice.IsFinal)
        {
            WriteObject(notice.Task);
        }
    }

    // Only in a run that ends by itself: otherwise the list would grow for ever.
    private void Remember(WorkerNotice notice)
    {
        var id = notice.Task!.Id;
        _retries.Remove(id);
        switch (notice)
        {
            case { IsFinal: false, Failure: { } failure }:
                _retries.Add(id, failure);
                break;
            case { Failure: { } failure }:
                _failures.Add((id, failure));
                break;
        }
    }

    /// <summary>
    /// An error for each task that failed for good, so that a script can judge a run that ends by itself. At its end, since an error ends
    /// the command where errors are told to, and what is left would not be done.
    /// </summary>
    private void WriteFailures()
    {
        foreach (var (id, message) in _failures)
        {
            Report(
                new TaskFailedException(
                    message,
                    $"Get-QueueTask '{CodeGeneration.EscapeSingleQuotedStringContent(id)}' | Format-List tells more; "
                        + "Restart-QueueTask tries it again."), id);
        }
    }

    /// <summary>A run that ends by itself leaves retries to the next one. Without a word it would look as if there were none.</summary>
    private void WarnOfRetries()
    {
        if (Drain && _retries.Count > 0)
        {
            WriteWarning(
                $"{Quantity.Of(_retries.Count, "task has failed and waits", "tasks have failed and wait")} for another try, which is "
                    + $"left to the next worker. {_retries.Values.First()}");
        }
    }

    /// <summary>
    /// A run that took no task looks the same in three cases: there was none, its type is misspelt, or failed tasks are not due yet.
    /// </summary>
    private void WarnOfWaiting(ITaskStore store, Dictionary<string, ITaskHandler> handlers)
    {
        var waiting = new TaskQuery
        {
            Statuses = [QueueTaskStatus.Pending, QueueTaskStatus.Retry], Limit = MostLookedAt, IncludePayload = false,
        };
        var tasks = store.Read(waiting, Cancellation).ToList();
        var handled = tasks.Where(task => HandledTypes.Include(handlers.Keys, task.Type)).ToList();
        var retries = handled.Count(task => task.Status is QueueTaskStatus.Retry);
        if (retries > 0 && handled.Min(task => task.DueAt) is { } due)
        {
            WriteWarning(
                $"No task was taken: {Quantity.Of(retries, "task that failed waits", "tasks that failed wait")} for another try. "
                    + $"The next task is due at {DisplayText.Time(due)}.");
        }

        if (tasks.Count > 0 && handled.Count == 0)
        {
            var others = tasks.Select(task => task.Type).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            WriteWarning(
                $"No task was taken, but tasks of types that have no handler here wait: {NameList.Of(others, MostTypesNamed)}. "
                    + "Types are case-sensitive.");
        }
    }

    private static string Draining(int running, string signal) => running == 0
        ? "Draining: no task runs."
        : $"Draining: {Quantity.Of(running, "task runs", "tasks run")}; {signal} again stops {(running == 1 ? "it" : "them")} at once.";

    /// <summary>After Ctrl+C nothing can be written to the pipeline, but to the host.</summary>
    private void SayThatItDrains(int running)
    {
        if (running == 0 || !Cancellation.IsCancellationRequested)
        {
            return;
        }

        try
        {
            Host.UI?.WriteWarningLine(Draining(running, "Ctrl+C"));
        }
#pragma warning disable CA1031 // Hosts are of anyone's making; the worker must be drained whatever they do.
        catch (Exception)
#pragma warning restore CA1031
        {
            // A host without a user interface.
        }
    }
}
