namespace TaskQueue.Tests.Store;

internal static class UndoneTaskDescription
{
    /// <summary>All that a report says of a task that was brought back.</summary>
    public static (string Id, string? Status, string? Note) Described(this UndoneTask task) => (task.Id, task.Status, task.Note);
}
