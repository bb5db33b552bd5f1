using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Identifies a worker: by its id, and the queue it was read from if that is known.</summary>
public sealed class WorkerReference : IEquatable<WorkerReference>
{
    public WorkerReference(Guid id)
    {
        Id = id;
        Source = id;
    }

    public WorkerReference(string id)
        : this(Guid.TryParse(id, out var value)
            ? value
            : throw new FormatException($"'{id}' is not the id of a worker; Get-QueueWorker tells the ids."))
    {
    }

    public WorkerReference(QueueWorkerInfo worker)
    {
        ArgumentNullException.ThrowIfNull(worker);
        Id = worker.Id;
        Queue = worker.Queue;
        Source = worker;
    }

    public WorkerReference(PSObject source)
        : this(source?.Properties["Id"]?.Value?.ToString() ?? throw new FormatException("The object has no Id."))
    {
        Queue = source.Properties["Queue"]?.Value?.ToString() is { Length: > 0 } queue ? queue : null;
        Source = QueueLocation.TargetFor(source, Queue, Id);
    }

    public Guid Id { get; }

    /// <summary>The queue the worker was read from; null for a bare id.</summary>
    public string? Queue { get; }

    /// <summary>What was given. It is the target of errors.</summary>
    public object Source { get; }

    /// <inheritdoc cref="TaskIdentity.Equals(TaskIdentity)"/>
    public bool Equals(WorkerReference? other) => Id == other?.Id;

    public override bool Equals(object? obj) => Equals(obj as WorkerReference);

    public override int GetHashCode() => Id.GetHashCode();

    public override string ToString() => Id.ToString();

    internal WorkerNotFoundException NotFoundIn(ITaskStore store) =>
        new(
            $"There is no worker '{Id}' in '{store.Info.Queue}'.",
            "Get-QueueWorker lists those there are; one that ended in good order is not among them.");
}
