using Xunit;

namespace TaskQueue.Tests;

/// <summary>The numbers of tasks by type and status: as a store keeps them, and as its tasks are counted.</summary>
public static class TaskCounts
{
    /// <summary>The numbers are those that counting finds. Nobody else may write meanwhile.</summary>
    public static void AssertKept(ITaskStore store)
    {
        var counted = store.Read(new TaskQuery { IncludePayload = false }, CancellationToken.None)
            .CountBy(task => (task.Type, task.StatusText))
            .Select(pair => new TypeCount(pair.Key.Type, pair.Key.StatusText, pair.Value));

        Assert.Equal(InOrder(counted), InOrder(store.CountByType(CancellationToken.None)));
        Assert.Equal(
            counted.GroupBy(count => count.StatusText).ToDictionary(group => group.Key, group => group.Sum(count => count.Tasks)),
            store.CountByStatus(CancellationToken.None).ToDictionary());
    }

    private static IEnumerable<TypeCount> InOrder(IEnumerable<TypeCount> counts) =>
        counts.OrderBy(count => count.Type, StringComparer.Ordinal).ThenBy(count => count.StatusText, StringComparer.Ordinal);
}
