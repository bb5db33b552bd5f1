using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class OddRowTests : SqliteTestBase
{
    [Theory]
    [InlineData("priority = 99999999999")]
    [InlineData("created_at = 9000000000000000")]
    [InlineData("claim_token = x'0102'")]
    [InlineData("worker_id = x'0102'")]
    [InlineData("timeout = 9000000000000000000")]
    [InlineData("state_since = -900000000000000000")]
    [InlineData("attempt = -99999999999")]
    public void A_row_that_no_task_can_have_is_read_with_a_remark_and_hides_no_other(string change)
    {
        var store = Open();
        Add(store, "a", "odd", "b");
        using (var connection = Connect())
        using (var command = connection.CreateCommand())
        {
            command.CommandText = $"UPDATE task SET {change} WHERE id = 'odd'";
            command.ExecuteNonQuery();
        }

        Assert.Equal(["a", "odd", "b"], Ids(store));
        Assert.Contains("unreadable", store.Find("odd", Cancel)!.Remark, StringComparison.Ordinal);
        Assert.Null(store.Find("a", Cancel)!.Remark);
    }

    [Fact]
    public void A_change_leaves_the_columns_alone_that_it_does_not_change()
    {
        var store = Open();
        Add(store, "odd");
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE task SET attempt = -99999999999 WHERE id = 'odd'";
        command.ExecuteNonQuery();

        Assert.Equal(TaskOutcomeKind.Applied, Assert.Single(store.Change([new SetTask("odd") { Priority = 1 }], Act("set"), Cancel)).Kind);

        command.CommandText = "SELECT attempt || ' ' || priority FROM task WHERE id = 'odd'";
        Assert.Equal("-99999999999 1", command.ExecuteScalar());
    }

    [Fact]
    public void A_copy_after_a_restore_overwrites_nothing_of_what_was_restored()
    {
        var store = Open();
        Add(store, "x");
        using var source = TaskQueue.Storage.TaskStores.Open(Folder["source.db"], Writing);
        Add(source, "x", "y");
        var copied = QueueTransfer.Copy(source, store, RunningTasks.Requeue, Act("copy"), (_, _) => { }, _ => { }, Cancel);
        Assert.Equal((1, 1), (copied.Added, copied.Skipped));
        store.Change([new CancelTask("y")], Act("cancel"), Cancel);
        var backup = store.Backup(new BackupRequest(Folder["backup.db"]), Cancel);
        using var restored = TaskQueue.Storage.TaskStores.Open(backup.Path, Reading);
        QueueTransfer.Restore(restored, store, RunningTasks.Requeue, Act("restore"), new AfterCommit(), Cancel);

        var again = QueueTransfer.Copy(source, store, RunningTasks.Requeue, Act("copy"), (_, _) => { }, _ => { }, Cancel);

        Assert.Equal((0, 0, 2), (again.Added, again.Updated, again.Skipped));
        Assert.Equal(QueueTaskStatus.Cancelled, store.Find("y", Cancel)!.Status);
    }
}
