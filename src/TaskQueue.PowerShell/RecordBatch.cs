using System.Diagnostics;

namespace TaskQueue.PowerShell;

/// <summary>
/// Collects the records a cmdlet has accepted and commits them together: many rows a transaction, yet none waits long.
/// </summary>
/// <param name="cmdlet">The cmdlet whose pipeline it is.</param>
/// <param name="commit">Commits records of one store; writes output and errors only if its last argument is true.</param>
internal sealed class RecordBatch<T>(QueueCmdlet cmdlet, Action<ITaskStore, IReadOnlyList<T>, bool> commit)
{
    private const int Largest = 500;

    // Beyond this a person watching a slow pipeline would notice that output lags behind.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    private readonly List<T> _records = [];
    private ITaskStore? _store;
    private long _started;
    private bool? _commitsEach;

    // What a prompt or -ErrorAction Stop says of a record must be true when the next one is asked about.
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
        if (_records.Count >= Largest || CommitsEach || Stopwatch.GetElapsedTime(_started) > LongestWait)
        {
            Flush();
        }
    }

    /// <summary>Commits what is waiting and writes its output.</summary>
    public void Flush() => Commit(writes: true);

    /// <summary>
    /// Called on disposal. Records that were accepted before the pipeline broke are committed, silently since nobody listens
    /// any more; after Ctrl+C they are dropped.
    /// </summary>
    public void Close()
    {
        // Stopping too: when a command before this one ends the pipeline first, our own StopProcessing was not called yet.
        if (!cmdlet.Stopping && !cmdlet.Cancellation.IsCancellationRequested)
        {
            Commit(writes: false);
        }
    }

    private void Commit(bool writes)
    {
        if (_records.Count == 0)
        {
            return;
        }

        // Taken out first: whatever happens in the commit or while writing, no record is committed twice.
        T[] records = [.. _records];
        _records.Clear();
        commit(_store!, records, writes);
    }
}
