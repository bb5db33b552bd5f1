namespace TaskQueue.PowerShell;

/// <summary>A cmdlet that commits the records it has accepted in batches; see <see cref="RecordBatch{T}"/>.</summary>
public abstract class BatchCmdlet<T> : QueueCmdlet
{
    private RecordBatch<T>? _batch;

    private RecordBatch<T> Batch => _batch ??= new(this, CommitsInBackground, Commit);

    protected sealed override void Finish()
    {
        Flush();
        FinishBatches();
    }

    /// <summary>What is to be done once all records are committed.</summary>
    protected virtual void FinishBatches()
    {
    }

    protected sealed override void Dispose(bool disposing)
    {
        try
        {
            _batch?.Close();
        }
        catch (TaskQueueException)
        {
            // The pipeline's own error is on its way already, and in disposal nobody is left to tell of another.
        }
        finally
        {
            base.Dispose(disposing);
        }
    }

    /// <summary>Takes a record into the batch, which may commit it at once.</summary>
    internal void Add(ITaskStore store, T record) => Batch.Add(store, record);

    /// <summary>Commits what was taken in so far.</summary>
    internal void Flush() => Batch.Flush();

    /// <summary>Whether records may be committed on another thread while more are taken in.</summary>
    internal virtual bool CommitsInBackground => true;

    /// <summary>Commits records of one store, maybe on another thread; returns what writes the output, and after it the errors.</summary>
    internal abstract Action Commit(ITaskStore store, IReadOnlyList<T> records);
}
