using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>The base of the module's cmdlets: which queue they use, Ctrl+C, and errors.</summary>
public abstract class QueueCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CommandStores _stores;
    private RecordBatch? _batch;

    protected QueueCmdlet() => _stores = new CommandStores(this);

    /// <summary>
    /// A path, a URI or connection string of PostgreSQL, or a connection. The default is the queue of a piped object that the command acts
    /// on, else the connected queue, else $env:TASKQUEUE, else the default file.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(QueuePathCompleter))]
    [RequiresValue]
    public virtual QueueLocation? Queue { get; set; }

    /// <summary>Cancelled by Ctrl+C.</summary>
    internal CancellationToken Cancellation => _cancellation.Token;

    /// <summary>True under -WhatIf. A queue is never opened for writing then.</summary>
    internal bool IsWhatIf => Preference("WhatIf", "WhatIfPreference", false);

    /// <summary>
    /// True if a prompt may come up for each record: under -Confirm, or a $ConfirmPreference that covers cmdlets of medium impact.
    /// </summary>
    internal bool MayPrompt => MyInvocation.BoundParameters.TryGetValue("Confirm", out var confirm)
        ? LanguagePrimitives.IsTrue(confirm)
        : GetVariableValue("ConfirmPreference") is ConfirmImpact.Low or ConfirmImpact.Medium;

    /// <summary>True under -ErrorAction Stop or Inquire.</summary>
    internal bool StopsAtErrors =>
        Preference("ErrorAction", "ErrorActionPreference", ActionPreference.Continue) is ActionPreference.Stop or ActionPreference.Inquire;

    /// <summary>
    /// The location, without secrets, of the queue that was last opened or could not be opened. It is the target of errors that are not
    /// about a single task.
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
            // The pipeline's own error is already reported, and a disposal cannot report another one.
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

    /// <summary>An error before the first record concerns all of them, so it ends the command.</summary>
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

    /// <summary>Called once all records are committed.</summary>
    protected virtual void Finish()
    {
    }

    /// <summary>
    /// Makes the batch of this cmdlet. To be called once. The rest of the batch is committed at the end of the pipeline. If the pipeline
    /// breaks, <see cref="RecordBatch.Close"/> says what is committed.
    /// </summary>
    /// <param name="commit">Commits records of one store, and returns what writes the output, and after it the errors.</param>
    /// <param name="mayCommitInBackground">Whether records may be committed on another thread while more are collected.</param>
    internal RecordBatch<T> NewBatch<T>(Func<ITaskStore, IReadOnlyList<T>, Action> commit, bool mayCommitInBackground = true)
    {
        var batch = new RecordBatch<T>(this, mayCommitInBackground, commit);
        _batch = batch;
        return batch;
    }

    /// <summary>
    /// Runs <paramref name="work"/>. An error about one record is written with <paramref name="target"/>, and the command goes on with the
    /// next record.
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
            // The pipeline takes no more output, so the host is told: nobody must believe that nothing was written.
            Host.UI.WriteErrorLine(TerminalText.Lines($"{error.Message} {(error.Advice is { } advice ? AdviceText.Of(advice) : "")}"));
            throw new PipelineStoppedException();
        }
        catch (TaskQueueException error)
        {
            Report(error, target);
        }
    }

    /// <summary>Writes the error, or ends the command with it if no further record can succeed.</summary>
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

    /// <summary>The store that this command works on. It is kept open until the command ends.</summary>
    /// <param name="pipedQueue">The queue a piped task came from.</param>
    /// <param name="forWriting">True if the command is going to change something.</param>
    internal ITaskStore OpenStore(string? pipedQueue = null, bool forWriting = false)
    {
        var store = _stores.Open(pipedQueue, forWriting);
        Location = store.Info.Queue;
        return store;
    }

    /// <summary>
    /// Warns of what became of tasks that were running in the queue they come from. It is easily overlooked, and a worker may start them
    /// again.
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
    /// Warns of what failed after the command had done its work. To be called once its result is written: under -WarningAction Stop a
    /// warning ends the command, and the result must not be lost.
    /// </summary>
    internal void WriteWarnings(IReadOnlyList<string> warnings)
    {
        foreach (var warning in warnings)
        {
            WriteWarning(warning);
        }
    }

    /// <summary>The state that running tasks get, in words.</summary>
    internal static string TextOf(RunningTasks running) => running switch
    {
        RunningTasks.Requeue => "pending",
        RunningTasks.Fail => "failed",
        _ => "running without a worker's claim",
    };

    /// <summary>
    /// The reason that the log keeps for tasks that came from elsewhere: the operator's words, and where the tasks came from.
    /// </summary>
    internal static string Origin(string source, string? reason) => reason is null ? $"from {source}" : $"{reason} (from {source})";

    // These methods hide PowerShell's own, so that every message is cleaned: ids, types and reasons may hold characters that control a
    // terminal.
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

    /// <summary>Warns of what went wrong with tasks that this session holds while no command ran that could have warned.</summary>
    internal void WriteSessionWarnings()
    {
        foreach (var warning in RunspaceSessions.Current?.TakeWarnings() ?? [])
        {
            WriteWarning(warning);
        }
    }

    /// <summary>The operation under which the log keeps what this command does.</summary>
    internal NewOperation BeginOperation(string kind, string? reason) =>
        new() { Kind = kind, Actor = Actor.Current(MyInvocation.MyCommand.Name), Reason = reason };

    /// <summary>A common parameter's value, from the command line or else from its preference variable.</summary>
    private T Preference<T>(string parameter, string variable, T fallback) =>
        MyInvocation.BoundParameters.TryGetValue(parameter, out var bound) && LanguagePrimitives.TryConvertTo<T>(bound, out var given)
            ? given
            : LanguagePrimitives.TryConvertTo<T>(GetVariableValue(variable), out var preferred) ? preferred : fallback;
}
