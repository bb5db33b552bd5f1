namespace TaskQueue.Tests.Store;

/// <summary>A row of the operations log as it is stored.</summary>
public sealed record LoggedEvent(
    string TaskId, string Kind, string OperationKind, string Command, string? Reason, string? Before, string? After, string? Revision,
    string? Details);
