using Npgsql;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>Sessions that meet at the same tasks.</summary>
public sealed class PostgresRaceTests : PostgresTestBase
{
    [Fact]
    public void Two_that_change_the_same_many_tasks_in_opposite_order_wait_for_each_other()
    {
        string[] ids = [.. Enumerable.Range(0, 2000).Select(number => $"task-{number:0000}")];
        var store = Open();
        Enqueue(store, ids);

        using (OnThreads(4, number =>
        {
            var others = Open();
            for (var round = 0; round < 5; round++)
            {
                var outcomes = others.Change(
                    [.. (number % 2 == 0 ? ids : ids.Reverse()).Select(id => new SetTask(id) { Priority = 1 + (round % 10) })], Act("set"),
                    Cancel);
                // In the order of the changes.
                Assert.Equal(number % 2 == 0 ? ids : ids.Reverse(), outcomes.Select(outcome => outcome.Id));
            }
        }))
        {
            // Throws what they threw.
        }
    }

    [Fact]
    public void An_import_beside_one_who_removes_the_same_tasks_adds_or_meets_each()
    {
        var store = Open();
        var source = Open(location: Cluster.NewQueue());
        Enqueue(source, [.. Enumerable.Range(0, 50).Select(number => $"task-{number}")]);
        QueueTask[] tasks = [.. source.Read(new TaskQuery(), Cancel)];

        using (OnThreads(2, number =>
        {
            var own = Open();
            for (var round = 0; round < 40; round++)
            {
                if (number == 0)
                {
                    Assert.All(
                        own.Import(tasks, new ImportOptions { UpdateUntouched = true }, Act("import"), Cancel),
                        outcome => Assert.NotNull(outcome.Task));
                }
                else
                {
                    own.Change([.. tasks.Select(task => new RemoveTask(task.Id))], Act("remove"), Cancel);
                }
            }
        }))
        {
            // Throws what they threw.
        }

        TaskCounts.AssertKept(store);
    }

    [Fact]
    public void An_update_of_a_task_by_a_copy_never_hides_it_from_others()
    {
        var store = Open();
        var source = Open(location: Cluster.NewQueue());
        Enqueue(source, "a");
        store.Import([source.Find("a", Cancel)!], new ImportOptions { UpdateUntouched = true }, Act("import"), Cancel);
        using var isOver = new CancellationTokenSource();

        using (OnThreads(1, _ =>
        {
            var own = Open();
            while (!isOver.IsCancellationRequested)
            {
                Assert.NotEqual(
                    TaskOutcomeKind.NotFound, Change(own, new HeartbeatTask("a", Guid.NewGuid(), TimeSpan.FromMinutes(1))).Kind);
            }
        }))
        {
            for (var round = 0; round < 200; round++)
            {
                Change(source, new SetTask("a") { Priority = 1 + (round % 10) });
                store.Import([source.Find("a", Cancel)!], new ImportOptions { UpdateUntouched = true }, Act("import"), Cancel);
            }

            isOver.Cancel();
        }

        Assert.Equal(source.Find("a", Cancel)!.Priority, store.Find("a", Cancel)!.Priority);
    }

    [Fact]
    public void After_a_restore_the_queue_is_the_backup_whoever_adds_meanwhile()
    {
        var store = Open();
        var source = Open(location: Cluster.NewQueue());
        Enqueue(source, [.. Enumerable.Range(0, 3000).Select(number => $"task-{number}")]);
        var added = 0;
        using var isOver = new CancellationTokenSource();

        using (OnThreads(2, number =>
        {
            var own = Open();
            while (!isOver.IsCancellationRequested)
            {
                // The same ids as those of the backup.
                own.Enqueue([NewTask($"task-{Interlocked.Increment(ref added) % 3000}"), NewTask($"other-{number}-{added}")], Cancel);
            }
        }))
        {
            Assert.Equal(3000, store.ReplaceAll(source, new ImportOptions(), Act("restore"), Cancel));
            isOver.Cancel();
        }

        Assert.Equal(3000, store.Read(new TaskQuery(), Cancel).Count(task => task.Id.StartsWith("task-", StringComparison.Ordinal)));
        TaskCounts.AssertKept(store);
    }

    [Fact]
    public void A_task_that_comes_back_is_found_soon_however_slow_the_last_look_was()
    {
        var store = Open();
        Enqueue(store, "old", "new");
        var old = store.Claim(Request(), Cancel)[0];
        var held = TableLock.Take(Queue);
        using (OnThreads(1, _ => Assert.Single(store.Claim(Request(), Cancel))))
        {
            Thread.Sleep(3000);
            held.Dispose();
        }

        // By another process, so that this one is not told.
        var other = Open();
        Assert.Equal(TaskOutcomeKind.Applied, Change(other, new ReleaseTask("old", old.ClaimToken!.Value)).Kind);

        var started = Environment.TickCount64;
        Eventually(() => store.Claim(Request() with { IsRepeated = true }, Cancel).Count == 1, "the task is found");
        Assert.InRange(Environment.TickCount64 - started, 0, 20_000);
    }

    [Fact]
    public void A_name_that_no_row_can_hold_is_not_found_and_keeps_no_other_from_its_change()
    {
        var store = Open();
        Enqueue(store, "a");

        var outcomes = store.Change([new CancelTask("nul\0"), new CancelTask("half\uD800"), new CancelTask("a")], Act("cancel"), Cancel);

        Assert.Equal(
            [TaskOutcomeKind.NotFound, TaskOutcomeKind.NotFound, TaskOutcomeKind.Applied], outcomes.Select(outcome => outcome.Kind));
    }

    [Fact]
    public void What_tells_of_lost_commits_does_not_grow_with_the_number_of_commits()
    {
        var store = Open();
        for (var number = 0; number < 300; number++)
        {
            Enqueue(store, $"task-{number}");
        }

        using var connection = Queue.Connect();
        using var command = new NpgsqlCommand("SELECT count(*) FROM receipt", connection);
        Assert.InRange((long)command.ExecuteScalar()!, 1, 3);
    }

    [Fact]
    public void The_rows_of_the_numbers_are_added_up_while_many_write()
    {
        const int Threads = 4;
        const int Each = 500;
        using (OnThreads(Threads, number =>
        {
            var own = Open();
            for (var task = 0; task < Each; task++)
            {
                own.Enqueue([NewTask($"{number}-{task}")], Cancel);
            }
        }))
        {
            // Throws what they threw.
        }

        var store = Open();
        TaskCounts.AssertKept(store);
        using var connection = Queue.Connect();
        using var command = new NpgsqlCommand("SELECT count(*) FROM task_count", connection);
        // One write of a hundred adds up what is there. That none of the last 1,500 did has a chance of one in three million.
        Assert.InRange((long)command.ExecuteScalar()!, 1, 1500);
    }
}
