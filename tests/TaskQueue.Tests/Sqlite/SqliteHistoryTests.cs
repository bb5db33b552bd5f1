using Microsoft.Data.Sqlite;
using TaskQueue.Storage;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class SqliteHistoryTests : RandomHistoryContract
{
    protected override int Histories => 150;

    protected override ITaskStore OpenNew(TimeProvider time) => TaskStores.Open(
        Folder[$"{Guid.NewGuid():N}.db"],
        new StoreOptions { Create = true, ForWriting = true, Durability = Durability.Normal, Time = time });

    [Fact]
    public void An_undo_that_fails_between_two_batches_reports_what_it_did_and_repeated_goes_on_with_the_rest()
    {
        const int Many = 450;
        var cancel = TestContext.Current.CancellationToken;
        var path = Folder["failing.db"];
        using var store = TaskStores.Open(path, new StoreOptions { Create = true, ForWriting = true });
        store.Enqueue([.. Enumerable.Range(0, Many).Select(number => new NewTask { Id = $"task-{number:000}", Type = "work" })], cancel);
        var cancelling = Operation("cancel");
        store.Change([.. Enumerable.Range(0, Many).Select(number => new CancelTask($"task-{number:000}"))], cancelling, cancel);
        Run("CREATE TRIGGER stuck BEFORE UPDATE ON task WHEN old.id = 'task-100' BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END");

        var undo = Operation("undo");
        var failed = store.History.Undo(cancelling.Id, undo, _ => true, requeue: false, cancel);

        Assert.Equal((200, false, undo.Id), (failed.Restored.Count, failed.IsComplete, failed.OperationId));
        Assert.StartsWith(
            "It was not all undone; repeated, it goes on with the rest: ", Assert.Single(failed.Warnings), StringComparison.Ordinal);
        Run("DROP TRIGGER stuck");
        var repeated = store.History.Undo(cancelling.Id, Operation("undo"), _ => true, requeue: false, cancel);
        Assert.Equal((Many - 200, 200, true), (repeated.Restored.Count, repeated.Skipped.Count, repeated.IsComplete));
        Assert.Equal(Many, store.CountByStatus(cancel)["pending"]);

        void Run(string sql)
        {
            using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }

    private static NewOperation Operation(string kind) => new() { Kind = kind, Actor = Actor.Current("Test-Command") };
}
