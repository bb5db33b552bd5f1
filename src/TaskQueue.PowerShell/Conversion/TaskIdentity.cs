using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>
/// Identifies a task: by an id, and where it came from if that is known. It takes text, a task, a task that crossed a job's boundary, and
/// any object with an Id.
/// </summary>
public sealed class TaskIdentity : IEquatable<TaskIdentity>
{
    public TaskIdentity(string id)
    {
        Id = string.IsNullOrWhiteSpace(id) ? throw new FormatException("The id of a task cannot be empty.") : id;
        Source = id;
    }

    public TaskIdentity(QueueTask task)
        : this((task ?? throw new ArgumentNullException(nameof(task))).Id)
    {
        Queue = task.Queue;
        Revision = task.Revision;
        ClaimToken = task.ClaimToken;
        WorkerId = task.WorkerId;
        Source = task;
    }

    /// <summary>
    /// For the one command that takes an operation, or the report of one, in place of a task: Get-QueueTaskHistory. No task has such an id.
    /// </summary>
    public TaskIdentity(QueueOperation operation)
        : this((operation ?? throw new ArgumentNullException(nameof(operation))).Id.ToString())
    {
        Queue = operation.Queue;
        Source = operation;
    }

    /// <inheritdoc cref="TaskIdentity(QueueOperation)"/>
    public TaskIdentity(CleanupReport report)
        : this(PSObject.AsPSObject(report))
    {
    }

    /// <inheritdoc cref="TaskIdentity(QueueOperation)"/>
    public TaskIdentity(UndoReport report)
        : this(PSObject.AsPSObject(report))
    {
    }

    public TaskIdentity(PSObject source)
        : this(
            PropertyText(source, "Id")
                ?? PropertyText(source, "TaskId")
                ?? ReportedOperation(source)
                ?? throw new FormatException("The object has no Id."))
    {
        Queue = PropertyText(source, "Queue");
        Revision = PropertyText(source, "Revision");
        ClaimToken = PropertyId(source, "ClaimToken");
        WorkerId = PropertyId(source, "WorkerId");
        Source = QueueLocation.TargetFor(source, Queue, Id);
    }

    public string Id { get; }

    /// <summary>The queue the task was read from; null for a bare id.</summary>
    public string? Queue { get; }

    /// <summary>The revision that a write must find. Null for a bare id: then only the status is checked.</summary>
    public string? Revision { get; }

    /// <summary>The claim under which the task was received; null for a bare id or a task that nobody held.</summary>
    public Guid? ClaimToken { get; }

    /// <summary>The id of the worker that held the task when it was read. Each start of a worker has an id of its own.</summary>
    public Guid? WorkerId { get; }

    /// <summary>What was given. It is the target of errors.</summary>
    public object Source { get; }

    /// <summary>What a prompt says of the task beside its id: <c> (running, 66.8h)</c>; empty for a bare id.</summary>
    internal string StateNote => Source is QueueTask { Age: { } age } task ? $" ({task.StatusText}, {Duration.FormatAge(age)})" : "";

    /// <summary>
    /// Two are equal if their ids are equal. PowerShell converts a text or a task to an identity, so -eq, -contains and Pester's filters
    /// find these equal too. <see cref="Queue"/> is not compared.
    /// </summary>
    public bool Equals(TaskIdentity? other) => Id == other?.Id;

    public override bool Equals(object? obj) => Equals(obj as TaskIdentity);

    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Id;

    private static string? ReportedOperation(PSObject source) =>
        OperationIdentity.IsOperation(source) ? PropertyText(source, nameof(CleanupReport.OperationId)) ?? "none" : null;

    private static Guid? PropertyId(PSObject source, string name) => Guid.TryParse(PropertyText(source, name), out var id) ? id : null;

    private static string? PropertyText(PSObject source, string name) =>
        source.Properties[name]?.Value?.ToString() is { Length: > 0 } text ? text : null;
}
