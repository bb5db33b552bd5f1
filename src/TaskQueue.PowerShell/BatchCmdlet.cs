namespace TaskQueue.PowerShell;

/// <summary>A cmdlet that commits the records it has accepted in batches; see <see cref="RecordBatch{T}"/>.</summary>
public abstract class BatchCmdlet<T> : QueueCmdlet
{
    private RecordBatch<T>? _batch;

    private RecordBatch<T> Batch => _batch ??= new(this, Commit);

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

    /// <summary>Commits records of one store; writes output, and after it errors, only if <paramref name="writes"/> is true.</summary>
    internal abstract void Commit(ITaskStore store, IReadOnlyList<T> records, bool writes);
}
