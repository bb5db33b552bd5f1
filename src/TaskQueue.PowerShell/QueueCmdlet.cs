using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>What every cmdlet of the module does alike: which queue is meant, Ctrl+C, and errors.</summary>
public abstract class QueueCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CommandStores _stores;
    private RecordBatch? _batch;

    protected QueueCmdlet() => _stores = new CommandStores(this);

    /// <summary>
    /// A path, a URI or connection string of PostgreSQL, or a connection. Without it: the queue of what is piped, if it acts on that; the
    /// connected one, $env:TASKQUEUE, the default file.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(QueuePathCompleter))]
    [RequiresValue]
    public virtual QueueLocation? Queue { get; set; }

    /// <summary>Cancelled by Ctrl+C.</summary>
    internal CancellationToken Cancellation => _cancellation.Token;

    /// <summary>True under -WhatIf: then a queue is never opened for writing.</summary>
    internal bool IsWhatIf => Preference("WhatIf", "WhatIfPreference", false);

    /// <summary>True if each record may be asked about: -Confirm, or a $ConfirmPreference that covers cmdlets of medium impact.</summary>
    internal bool MayPrompt => MyInvocation.BoundParameters.TryGetValue("Confirm", out var confirm)
        ? LanguagePrimitives.IsTrue(confirm)
        : GetVariableValue("ConfirmPreference") is ConfirmImpact.Low or ConfirmImpact.Medium;

    /// <summary>True under -ErrorAction Stop.</summary>
    internal bool StopsAtErrors =>
        Preference("ErrorAction", "ErrorActionPreference", ActionPreference.Continue) is ActionPreference.Stop or ActionPreference.Inquire;

    /// <summary>
    /// Where the queue is that was opened last, or could not be, without secrets: the target of errors about no single task.
    /// </summary>
    internal string? Location { get; set; }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        try
        {
            _batch?.Close();
        }
        catch (TaskQueueException)
        {
            // The pipeline's own error is on its way already, and in disposal nobody can be told of another.
        }
        finally
        {
            _stores.Dispose();
            _cancellation.Dispose();
        }
    }

    protected sealed override void StopProcessing()
    {
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Ctrl+C came just as the command ended by itself.
        }
    }

    /// <summary>What is wrong before the first record is wrong for all of them, so it ends the command.</summary>
    protected sealed override void BeginProcessing()
    {
        try
        {
            Begin();
        }
        catch (TaskQueueException error)
        {
            ThrowTerminatingError(ErrorRecords.Of(error, Location));
        }
    }

    protected sealed override void ProcessRecord() => Guard(Process, null);

    protected sealed override void EndProcessing() => Guard(
        () =>
        {
            _batch?.Flush();
            Finish();
        },
        null);

    protected virtual void Begin()
    {
    }

    protected virtual void Process()
    {
    }

    /// <summary>What is to be done once all records are committed.</summary>
    protected virtual void Finish()
    {
    }

    /// <summary>
    /// Makes the batch of this cmdlet. To be called once. What is left in it is committed at the end, and if the pipeline breaks as far as
    /// <see cref="RecordBatch.Close"/> says.
    /// </summary>
    /// <param name="commit">Commits records of one store, and returns what writes the output, and after it the errors.</param>
    /// <param name="mayCommitBeside">Whether records may be committed on another thread while more are taken in.</param>
    internal RecordBatch<T> NewBatch<T>(Func<ITaskStore, IReadOnlyList<T>, Action> commit, bool mayCommitBeside = true)
    {
        var batch = new RecordBatch<T>(this, mayCommitBeside, commit);
        _batch = batch;
        return batch;
    }

    /// <summary>
    /// Runs <paramref name="work"/>; an error about one record is written with <paramref name="target"/> and the next record goes on.
    /// </summary>
    internal void Guard(Action work, object? target)
    {
        try
        {
            work();
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (OutcomeUnknownException error) when (_cancellation.IsCancellationRequested)
        {
            // The pipeline takes no more output, but nobody must believe that nothing was written.
            Host.UI.WriteErrorLine(TerminalText.Lines($"{error.Message} {(error.Advice is { } advice ? AdviceText.Of(advice) : "")}"));
            throw new PipelineStoppedException();
        }
        catch (TaskQueueException error)
        {
            Report(error, target);
        }
    }

    /// <summary>Writes the error, or ends the command with it if no record can succeed any more.</summary>
    internal void Report(Exception error, object? target)
    {
        if (ErrorRecords.IsAboutQueue(error))
        {
            ThrowTerminatingError(ErrorRecords.Of(error, Location));
        }

        var record = ErrorRecords.Of(error, target ?? Location);
        if (error is TooManyTasksException)
        {
            ThrowTerminatingError(record);
        }

        WriteError(record);
    }

    /// <summary>The store this command works on; kept open until the command ends.</summary>
    /// <param name="pipedQueue">The queue a piped task came from.</param>
    /// <param name="forWriting">The command is going to change something.</param>
    internal ITaskStore OpenStore(string? pipedQueue = null, bool forWriting = false)
    {
        var store = _stores.Open(pipedQueue, forWriting);
        Location = store.Info.Queue;
        return store;
    }

    /// <summary>
    /// Says what became of tasks that were running where they come from: it is easily overlooked, and a worker may start them again.
    /// </summary>
    internal void WarnOfRunning(long count, RunningTasks running)
    {
        if (count > 0)
        {
            WriteWarning(
                $"{Quantity.Of(count, "task was running; it is", "tasks were running; they are")} {TextOf(running)} now. -Running says "
                    + "what becomes of such tasks.");
        }
    }

    /// <summary>
    /// Says what failed after the command had done what it was to do. To be called once its result is written: a warning may end the
    /// command, as under
    /// -WarningAction Stop, and must not take the result away.
    /// </summary>
    internal void WriteWarnings(IReadOnlyList<string> warnings)
    {
        foreach (var warning in warnings)
        {
            WriteWarning(warning);
        }
    }

    /// <summary>What becomes of running tasks, in words.</summary>
    internal static string TextOf(RunningTasks running) => running switch
    {
        RunningTasks.Requeue => "pending",
        RunningTasks.Fail => "failed",
        _ => "running without a worker's claim",
    };

    /// <summary>What the log keeps as the reason of tasks that came from elsewhere: the operator's words, and from where.</summary>
    internal static string Origin(string source, string? reason) => reason is null ? $"from {source}" : $"{reason} (from {source})";

    // In front of PowerShell's own, so that no message can be written without it: ids, types and reasons may hold what a terminal obeys.
    internal new bool ShouldProcess(string? target, string action) =>
        base.ShouldProcess(TerminalText.Name(target), TerminalText.OneLine(action));

    internal new void WriteWarning(string text) => base.WriteWarning(TerminalText.Lines(text));

    internal new void WriteVerbose(string text) => base.WriteVerbose(TerminalText.Lines(text));

    internal new void WriteProgress(ProgressRecord record)
    {
        record.Activity = TerminalText.OneLine(record.Activity);
        record.StatusDescription = TerminalText.OneLine(record.StatusDescription);
        base.WriteProgress(record);
    }

    /// <summary>Says what went wrong with what this session holds while no command ran that could have said it.</summary>
    internal void WriteSessionWarnings()
    {
        foreach (var warning in RunspaceSessions.Current?.TakeWarnings() ?? [])
        {
            WriteWarning(warning);
        }
    }

    /// <summary>How the log names what this command does.</summary>
    internal NewOperation BeginOperation(string kind, string? reason) =>
        new() { Kind = kind, Actor = Actor.Current(MyInvocation.MyCommand.Name), Reason = reason };

    /// <summary>A common parameter's value, from the command line or else from its preference variable.</summary>
    private T Preference<T>(string parameter, string variable, T fallback) =>
        MyInvocation.BoundParameters.TryGetValue(parameter, out var bound) && LanguagePrimitives.TryConvertTo<T>(bound, out var given)
            ? given
            : LanguagePrimitives.TryConvertTo<T>(GetVariableValue(variable), out var preferred) ? preferred : fallback;
}
