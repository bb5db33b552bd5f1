using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

/// <summary>
/// A database that may not grow any further answers as a full disk does: SQLite rolls the whole transaction back by itself.
/// </summary>
public sealed class SqliteFullDiskTests : SqliteTestBase
{
    private static readonly string Large = $"\"{new string('x', 2_000_000)}\"";

    [Fact]
    public void A_full_disk_loses_nothing_that_was_acknowledged_and_keeps_nothing_that_was_not()
    {
        var store = Open();
        Add(store, "before");
        LetGrowBy(20);

        var error = Assert.Throws<QueueUnavailableException>(() => store.Enqueue(
            [new NewTask { Id = "small", Type = "work" }, new NewTask { Id = "large", Type = "work", DataJson = Large }], Cancel));

        Assert.Contains("full", error.Message, StringComparison.Ordinal);
        Add(store, "after");
        Assert.Equal(["before", "after"], StoredIds());
        AssertIntact();
    }

    [Fact]
    public async Task All_requests_of_a_group_that_met_a_full_disk_are_told_the_truth()
    {
        var store = Open();
        Add(store, "before");
        LetGrowBy(20);
        List<Task> requests;
        using (var connection = Connect())
        {
            Scalar(connection, "BEGIN IMMEDIATE");
            requests =
            [
                .. Enumerable.Range(0, 12).Select(index => Task.Run(
                    () => store.Enqueue(
                        [new NewTask { Id = $"t{index}", Type = "work", DataJson = index % 5 == 4 ? Large : null }], Cancel), Cancel)),
            ];
            Scalar(connection, "ROLLBACK");
        }

        var acknowledged = new List<string> { "before" };
        for (var index = 0; index < requests.Count; index++)
        {
            var error = await Record.ExceptionAsync(() => requests[index]);
            Assert.True(error is null or QueueUnavailableException, error?.ToString());
            if (error is null)
            {
                acknowledged.Add($"t{index}");
            }
        }

        Assert.Equal(acknowledged.Order(StringComparer.Ordinal), StoredIds().Order(StringComparer.Ordinal));
        AssertIntact();
    }

    /// <summary>Holds for the connection the writer has now; after a failure it opens another one.</summary>
    private void LetGrowBy(int pages)
    {
        var writer = SqliteWriters.Rent(new SqliteWriterProfile(QueuePath, Durability.Full, _ => { }, _ => { }));
        try
        {
            writer.Write(
                session => session.Number($"PRAGMA max_page_count = {session.Number("PRAGMA page_count") + pages}"),
                TimeSpan.FromSeconds(10), Cancel);
        }
        finally
        {
            SqliteWriters.Return(writer);
        }
    }
}
