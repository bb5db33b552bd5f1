namespace TaskQueue;

/// <summary>A worker or a session that holds claims on tasks, with what all its duties share.</summary>
internal sealed class ClaimHolder
{
    /// <summary>The queue.</summary>
    public required IWorkSource Source { get; init; }

    /// <summary>By which name it claims.</summary>
    public required WorkerIdentity Identity { get; init; }

    /// <summary>How it works.</summary>
    public required WorkerOptions Options { get; init; }

    /// <summary>Its operation, for the log.</summary>
    public required NewOperation Operation { get; init; }

    /// <summary>What the queue is to know of it now.</summary>
    public required Func<WorkerRecord> Record { get; init; }

    /// <summary>Called with what an operator should know. Never throws.</summary>
    public required Action<string> Warn { get; init; }

    /// <summary>Called when something cannot be done at present: with the beginning of a sentence, and the error. Never throws.</summary>
    public required Action<string, Exception> Failed { get; init; }

    /// <summary>What it holds.</summary>
    public HeldTasks Held { get; } = new();

    /// <summary>Puts it among the queue's workers, or says that it lives.</summary>
    public void Register() => Source.Workers.Put(Record(), CancellationToken.None);

    /// <summary>Takes it out of the queue's workers. To be called once it holds nothing any more.</summary>
    public void Leave()
    {
        // A stop may have arrived too late to be taken. Somebody may wait for its receipt.
        var late = Source.Workers.TakeStops(Identity.Id, CancellationToken.None);
        if (late.Count > 0)
        {
            var receipts = late.Select(stop => new StopReceipt(stop.TaskId, stop.Token, StopOutcome.NotRunning, TimeSpan.Zero));
            Source.Workers.ConfirmStops([.. receipts], Operation, CancellationToken.None);
        }

        Source.Workers.Remove(Identity.Id, CancellationToken.None);
    }

    /// <summary>Records that a suspect begins, before it does. False if its claim is gone.</summary>
    public bool TryBegin(HeldTask task)
    {
        task.WillBeWritten();
        var begins = new HeartbeatTask(task.Task.Id, task.Token, task.LeaseTime, HasBegun: true);
        var isBegun = Source.Change([begins], Operation, CancellationToken.None)[0].Kind is TaskOutcomeKind.Applied;
        task.IsKnownToHaveBegun |= isBegun;
        return isBegun;
    }
}
