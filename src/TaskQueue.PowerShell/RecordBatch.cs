using System.Diagnostics;

namespace TaskQueue.PowerShell;

/// <summary>Records that a cmdlet has accepted and not committed yet.</summary>
internal abstract class RecordBatch
{
    /// <summary>Commits what is waiting and writes its output.</summary>
    public abstract void Flush();

    /// <summary>
    /// Called on disposal. Records that were accepted before the pipeline broke are committed, without output since nobody listens any
    /// more. After Ctrl+C they are dropped.
    /// </summary>
    public abstract void Close();
}

/// <summary>
/// Collects the records that a cmdlet has accepted and commits them together. A transaction has many rows, but no record waits long. A full
/// batch is committed while the next one is collected.
/// </summary>
/// <param name="cmdlet">The cmdlet whose pipeline it is.</param>
/// <param name="mayCommitInBackground">Whether a batch may be committed on a thread other than the pipeline's.</param>
/// <param name="commit">Commits records of one store, and returns what writes their output and errors to the pipeline.</param>
internal sealed class RecordBatch<T>(QueueCmdlet cmdlet, bool mayCommitInBackground, Func<ITaskStore, IReadOnlyList<T>, Action> commit)
    : RecordBatch
{
    private const int Largest = 500;

    // After this time a person watching a slow pipeline would notice that its output lags behind.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    private readonly List<T> _records = [];
    private ITaskStore? _store;
    private long _started;
    private bool? _commitsEach;

    // The previous batch, while it is being committed.
    private Task<Action>? _committing;

    // True if each record is committed by itself. With prompts or under -ErrorAction Stop, the outcome of a record must be known before the
    // next one is asked about.
    private bool CommitsEach => _commitsEach ??= cmdlet.MayPrompt || cmdlet.StopsAtErrors;

    /// <summary>Adds a record, and commits once the batch is full, old, or about to change to another queue.</summary>
    public void Add(ITaskStore store, T record)
    {
        if (_store is not null && !ReferenceEquals(_store, store))
        {
            Flush();
        }

        if (_records.Count == 0)
        {
            _started = Stopwatch.GetTimestamp();
        }

        _store = store;
        _records.Add(record);
        if (_committing is { IsCompleted: true })
        {
            FinishPreviousBatch();
        }

        if (_records.Count >= Largest && mayCommitInBackground && !CommitsEach)
        {
            CommitFull();
        }
        else if (_records.Count >= Largest || CommitsEach || Stopwatch.GetElapsedTime(_started) > LongestWait)
        {
            Flush();
        }
    }

    public override void Flush()
    {
        FinishPreviousBatch();
        if (_records.Count > 0)
        {
            commit(_store!, Take())();
        }
    }

    public override void Close()
    {
        try
        {
            _committing?.GetAwaiter().GetResult();
        }
        catch (Exception error) when (
            error is OperationCanceledException || (error is TaskQueueException && !ErrorRecords.IsAboutQueue(error)))
        {
            // The error is a Ctrl+C, or concerns only these records. Nobody is left to be told.
        }

        // Stopping is checked too: if a command before this one ends the pipeline first, StopProcessing has not been called here yet.
        if (_records.Count > 0 && !cmdlet.Stopping && !cmdlet.Cancellation.IsCancellationRequested)
        {
            commit(_store!, Take());
        }
    }

    private void CommitFull()
    {
        FinishPreviousBatch();
        var (store, records) = (_store!, Take());
        _committing = Task.Run(() => commit(store, records));
    }

    /// <summary>Waits until the previous batch is committed, and writes its output.</summary>
    private void FinishPreviousBatch()
    {
        if (_committing is not { } committing)
        {
            return;
        }

        _committing = null;
        Action write;
        try
        {
            write = committing.GetAwaiter().GetResult();
        }
        catch (Exception error) when (ErrorRecords.IsAboutQueue(error))
        {
            // The error ends the command. What was collected meanwhile must not be committed after it.
            _records.Clear();
            throw;
        }

        write();
    }

    // Removed first: whatever happens in the commit or while writing, no record is committed twice.
    private T[] Take()
    {
        T[] records = [.. _records];
        _records.Clear();
        return records;
    }
}
