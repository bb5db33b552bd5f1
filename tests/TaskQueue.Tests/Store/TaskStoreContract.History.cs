using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    [Fact]
    public void Operations_are_read_newest_first_with_who_why_and_how_many()
    {
        Enqueue("a", "b", "c");
        var first = Act("cancel", "wrong customer");
        Store.Change([new CancelTask("a"), new CancelTask("b")], first, Cancel);
        Time.Advance(TimeSpan.FromHours(2));
        var second = Act("remove");
        Change(new RemoveTask("c"), second);

        var operations = Store.History.ReadOperations(new OperationQuery(), Cancel).ToList();

        Assert.Equal([second.Id, first.Id], operations.Select(operation => operation.Id));
        var cancelled = operations[1];
        Assert.Equal(
            ("cancel", first.Actor, "wrong customer", 2L, Time.Now.AddHours(-2), Store.Info.Queue),
            (cancelled.Kind, cancelled.Actor, cancelled.Reason, cancelled.Tasks, cancelled.At, cancelled.Queue));
        Assert.Equal([first.Id], Operations(new OperationQuery { Kind = "cancel" }));
        Assert.Equal([second.Id], Operations(new OperationQuery { NewerThan = TimeSpan.FromHours(1) }));
        Assert.Equal([second.Id], Operations(new OperationQuery { Newest = 1 }));
        Assert.Equal([first.Id], Operations(new OperationQuery { Id = first.Id }));
        Assert.Empty(Operations(new OperationQuery { Id = first.Id, Kind = "remove" }));
    }

    [Fact]
    public void The_history_of_a_task_is_read_oldest_first_and_outlives_it()
    {
        Enqueue("a", "other");
        var operation = Act("set", "urgent");
        Change(new SetTask("a") { Priority = 1 }, operation);
        Change(new CancelTask("other"));
        var claimed = ClaimOne();
        Change(new FailTask("a", claimed.ClaimToken!.Value, "disk full", TimeSpan.Zero));
        Change(new RemoveTask("a"));

        var events = Store.History.ReadEvents(new EventQuery { TaskId = "a" }, Cancel).ToList();

        Assert.Equal(["set", "failure", "remove"], events.Select(logged => logged.Event));
        Assert.Equal(
            [(null, null), ("running", "retry"), ("retry", null)], events.Select(logged => (logged.StatusBefore, logged.StatusAfter)));
        Assert.Equal((operation.Id, "urgent", Time.Now), (events[0].OperationId, events[0].Reason, events[0].Time));
        Assert.Equal($"{operation.Actor.User}@{operation.Actor.Machine}:{operation.Actor.ProcessId} Test-Command", events[0].By);
        Assert.Equal(("""{"priority":5}""", """{"priority":1}"""), (events[0].BeforeJson, events[0].AfterJson));
        Assert.Equal(events[0], Assert.Single(Store.History.ReadEvents(new EventQuery { OperationId = operation.Id }, Cancel)));
    }

    [Fact]
    public void Long_histories_are_read_in_pages_without_gaps()
    {
        string[] ids = [.. Enumerable.Range(0, 450).Select(number => $"task-{number:000}")];
        Enqueue(ids);
        var operation = Act("cancel");
        Store.Change([.. ids.Select(id => new CancelTask(id))], operation, Cancel);
        var restarts = ids.Select(_ => Act("restart")).ToList();
        foreach (var (id, restart) in ids.Zip(restarts))
        {
            Change(new RestartTask(id), restart);
        }

        Assert.Equal(ids, Store.History.ReadEvents(new EventQuery { OperationId = operation.Id }, Cancel).Select(logged => logged.TaskId));
        Assert.Equal(restarts.Select(restart => restart.Id).Reverse(), Operations(new OperationQuery { Kind = "restart" }));
        Assert.Equal(900, Store.History.ReadEvents(new EventQuery(), Cancel).Count());
    }

    [Fact]
    public void Events_operations_and_removed_tasks_expire_each_after_its_time()
    {
        string[] ids = [.. Enumerable.Range(0, 1100).Select(number => $"task-{number}")];
        Enqueue(ids);
        Store.Change([.. ids.Select(id => new RemoveTask(id))], Act("remove"), Cancel);
        Time.Advance(TimeSpan.FromDays(8));
        Enqueue("young");
        Change(new RemoveTask("young"));
        Assert.Equal(new HistoryExpiry(0, 0, 1100), Store.History.Expire(new HistoryRetention(), Cancel));
        Assert.Equal(["young"], Trash().Select(row => row.Id));
        Time.Advance(TimeSpan.FromDays(83));

        Assert.Equal(new HistoryExpiry(1100, 1, 1), Store.History.Expire(new HistoryRetention(), Cancel));

        Assert.Equal(["young"], Store.History.ReadEvents(new EventQuery(), Cancel).Select(logged => logged.TaskId));
        Assert.Single(Operations(new OperationQuery()));
        Assert.Equal(new HistoryExpiry(0, 0, 0), Store.History.Expire(new HistoryRetention(), Cancel));
        Assert.Equal(
            new HistoryExpiry(1, 1, 0),
            Store.History.Expire(new HistoryRetention { Events = TimeSpan.Zero }, Cancel) with { RemovedTasks = 0 });
    }

    [Fact]
    public void A_copy_takes_the_history_along_and_a_rerun_only_what_is_new()
    {
        Enqueue("a", "b");
        var operation = Act("cancel", "wrong customer");
        Change(new CancelTask("a"), operation);
        Change(new RemoveTask("b"));
        var destination = Opened("copy");
        Assert.Equal(2, CopyAll(destination).Events);
        Change(new CancelTask("a"), operation);
        Change(new RestartTask("a"), operation);

        Assert.Equal(1, CopyAll(destination).Events);
        Assert.Equal(0, CopyAll(destination).Events);

        Assert.Equal(
            Store.History
                .ReadEvents(new EventQuery(), Cancel)
                .Select(logged => logged with { Queue = "" })
                .OrderBy(logged => logged.TaskId),
            destination.History
                .ReadEvents(new EventQuery(), Cancel)
                .Select(logged => logged with { Queue = "" })
                .OrderBy(logged => logged.TaskId));
        Assert.Equal(
            Store.History.ReadOperations(new OperationQuery { Id = operation.Id }, Cancel).Single() with { Queue = destination.Info.Queue },
            destination.History.ReadOperations(new OperationQuery { Id = operation.Id }, Cancel).Single());
    }

    [Fact]
    public void What_was_copied_cannot_be_undone_in_the_copy()
    {
        Enqueue("a", "b");
        var operation = Act("stop");
        Store.Change([new CancelTask("a"), new RemoveTask("b")], operation, Cancel);
        var destination = Opened("copy");
        CopyAll(destination);

        var report = destination.History.Undo(operation.Id, Act("undo"), _ => true, requeue: false, Cancel);

        Assert.Equal(
            [("b", "not in the trash any more, or never put there"), ("a", "changed since: now cancelled")],
            report.Skipped.Select(task => (task.Id, task.SkipReason)));
        Assert.Null(report.OperationId);
    }

    [Fact]
    public void History_survives_a_restore_and_comes_back_with_a_lost_queue()
    {
        Enqueue("a");
        Change(new CancelTask("a"));
        var path = Folder["kept.db"];
        Store.Backup(new BackupRequest(path), Cancel);
        Change(new RestartTask("a"));
        using var backup = TaskQueue.Storage.TaskStores.OpenBackup(path, Cancel);
        var made = Opened("made again");

        QueueTransfer.Restore(backup, Store, RunningTasks.Requeue, Act("restore"), new AfterCommit(), Cancel);
        QueueTransfer.Restore(backup, made, RunningTasks.Requeue, Act("restore"), new AfterCommit(), Cancel);

        Assert.Equal(
            ["cancel", "restart"], Store.History.ReadEvents(new EventQuery { TaskId = "a" }, Cancel).Select(logged => logged.Event));
        Assert.Equal(["cancel"], made.History.ReadEvents(new EventQuery { TaskId = "a" }, Cancel).Select(logged => logged.Event));
    }

    private List<Guid> Operations(OperationQuery query) =>
        [.. Store.History.ReadOperations(query, Cancel).Select(operation => operation.Id)];

    private CopyResult CopyAll(ITaskStore destination) =>
        QueueTransfer.Copy(Store, destination, RunningTasks.Requeue, Act("copy"), (_, error) => throw error, _ => { }, Cancel);
}
