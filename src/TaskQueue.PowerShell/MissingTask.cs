namespace TaskQueue.PowerShell;

/// <summary>What is said of an id that no task of the queue has: where it was looked for, and how to find the one that is meant.</summary>
internal static class MissingTask
{
    private const string Advice =
        "Ids are case-sensitive. Get-QueueTask lists those there are; with a pattern such as 'import*' it finds similar ones.";

    public static TaskNotFoundException In(ITaskStore store, string id, string? advice = null) =>
        new($"There is no task '{id}' in '{store.Info.Queue}'.", advice ?? Advice);
}
