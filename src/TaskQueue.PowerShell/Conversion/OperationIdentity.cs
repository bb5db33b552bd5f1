using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>
/// Identifies an operation: by an id or its beginning, and the queue it was read from if that is known. It takes text, an id, and any
/// object with an OperationId or an Id: an operation, the report of a cleanup or of an undo, and each of these after it crossed a job's
/// boundary.
/// </summary>
public sealed class OperationIdentity : IEquatable<OperationIdentity>
{
    private static readonly string[] OperationTypes = [nameof(QueueOperation), nameof(CleanupReport), nameof(UndoReport)];

    public OperationIdentity(string id)
    {
        Id = string.IsNullOrWhiteSpace(id) ? throw new FormatException("The id of an operation cannot be empty.") : id.Trim();
        Source = id;
    }

    public OperationIdentity(Guid id)
        : this(id.ToString())
    {
    }

    // PowerShell converts an object with the constructor for exactly its type. Only if there is none, it uses the one for PSObject.
    public OperationIdentity(QueueOperation operation)
        : this(PSObject.AsPSObject(operation))
    {
    }

    public OperationIdentity(CleanupReport report)
        : this(PSObject.AsPSObject(report))
    {
    }

    public OperationIdentity(UndoReport report)
        : this(PSObject.AsPSObject(report))
    {
    }

    public OperationIdentity(TaskEvent happened)
        : this(PSObject.AsPSObject(happened))
    {
    }

    public OperationIdentity(PSObject source)
    {
        Id = IdOf(source);
        Queue = PropertyText(source, "Queue");
        Source = QueueLocation.TargetFor(source, Queue, Id);
        IsListed = source.TypeNames.Any(name => name.EndsWith(typeof(QueueOperation).FullName!, StringComparison.Ordinal));
    }

    /// <summary>The id, or its beginning; empty for the report of something that changed nothing.</summary>
    public string Id { get; }

    /// <summary>The queue whose log has the operation; null for a bare id.</summary>
    public string? Queue { get; }

    /// <summary>True for an operation as Get-QueueOperation lists it; false for an id, and for the report of one operation.</summary>
    internal bool IsListed { get; }

    /// <summary>What was given. It is the target of errors.</summary>
    public object Source { get; }

    /// <inheritdoc cref="TaskIdentity.Equals(TaskIdentity)"/>
    public bool Equals(OperationIdentity? other) => Id.Equals(other?.Id, StringComparison.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => Equals(obj as OperationIdentity);

    public override int GetHashCode() => Id.GetHashCode(StringComparison.OrdinalIgnoreCase);

    public override string ToString() => Id;

    /// <exception cref="OperationNotFoundException">The log has no operation with this id, or several whose ids begin with it.</exception>
    internal QueueOperation FindIn(ITaskStore store, CancellationToken cancellation) => Id.Length > 0
        ? store.History.Find(Id, cancellation)
        : throw new OperationNotFoundException(
            "The report has no operation: nothing was changed.", "There is nothing to undo or to look up.");

    /// <summary>True for an object that stands for an operation and not for a task.</summary>
    internal static bool IsOperation(object source) =>
        PSObject.AsPSObject(source).TypeNames.Any(
            name => OperationTypes.Any(type => name.EndsWith("TaskQueue." + type, StringComparison.Ordinal)));

    private static string IdOf(PSObject source)
    {
        if (source.Properties["OperationId"] is { } operation)
        {
            return operation.Value?.ToString() ?? "";
        }

        return PropertyText(source, "Id") ?? throw new FormatException("The object has neither an OperationId nor an Id.");
    }

    private static string? PropertyText(PSObject source, string name) =>
        source.Properties[name]?.Value?.ToString() is { Length: > 0 } text ? text : null;
}
