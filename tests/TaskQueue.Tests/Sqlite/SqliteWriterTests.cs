using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class SqliteWriterTests : SqliteTestBase
{
    [Fact]
    public void What_many_threads_write_at_once_is_all_committed()
    {
        var store = Open();
        var second = Open(Writing with { Durability = Durability.Normal });

        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, thread =>
        {
            for (var number = 0; number < 60; number++)
            {
                Add(thread % 4 == 0 ? second : store, $"{thread}-{number}");
            }
        });

        Assert.Equal(480, StoredIds().Distinct().Count());
        AssertIntact();
    }

    [Fact]
    public async Task A_request_that_fails_takes_nothing_of_the_others_in_its_group_with_it()
    {
        var store = Open();
        Add(store, [.. Enumerable.Range(0, 20).Select(index => $"t{index}")]);
        var requests = WhileLocked(() => Enumerable.Range(0, 20).Select(index => Task.Run(
            () => store.Change(
                index % 4 == 3 ? [new CancelTask($"t{index}"), new StoppingChange($"t{index}")] : [new CancelTask($"t{index}")], Act(),
                Cancel),
            Cancel)).ToList());

        for (var index = 0; index < requests.Count; index++)
        {
            var fails = index % 4 == 3;
            var error = await Record.ExceptionAsync(() => requests[index]);
            Assert.Equal(fails ? typeof(InvalidOperationException) : null, error?.GetType());
            Assert.Equal(fails ? QueueTaskStatus.Pending : QueueTaskStatus.Cancelled, store.Find($"t{index}", Cancel)!.Status);
        }

        Assert.Equal(15L, Scalar("SELECT COUNT(*) FROM event"));
    }

    [Fact]
    public void A_write_beside_no_other_is_made_on_its_callers_thread()
    {
        var store = Open();
        Add(store, "a");
        Thread? thread = null;

        store.Change([new ActingChange("a", () => thread = Thread.CurrentThread)], Act(), Cancel);

        Assert.Same(Thread.CurrentThread, thread);
    }

    [Fact]
    public async Task While_one_writes_another_hands_its_write_over_and_both_are_made()
    {
        var store = Open();
        Add(store, "a", "b");
        Task? other = null;

        store.Change(
            [new ActingChange("a", () => other = Task.Run(() => Change(store, new CancelTask("b")), Cancel))], Act(), Cancel);

        await other!.WaitAsync(HangGuard.Longest, Cancel);
        Assert.Equal((1, QueueTaskStatus.Cancelled), (store.Find("a", Cancel)!.Priority, store.Find("b", Cancel)!.Status));

        static void Change(ITaskStore store, TaskChange change) =>
            Assert.Equal(TaskOutcomeKind.Applied, Assert.Single(store.Change([change], Act(), Cancel)).Kind);
    }

    [Fact]
    public void A_write_that_is_cancelled_while_it_waits_for_a_lock_is_never_made()
    {
        var store = Open();
        Add(store, "a");
        using var source = new CancellationTokenSource();

        WhileLocked(() =>
        {
            source.CancelAfter(TimeSpan.FromMilliseconds(20));
            Assert.ThrowsAny<OperationCanceledException>(
                () => store.Enqueue([new NewTask { Id = "cancelled", Type = "work" }], source.Token));
            return true;
        });

        Add(store, "b");
        Assert.Equal(["a", "b"], StoredIds());
    }

    [Fact]
    public void A_write_that_is_cancelled_in_its_middle_is_rolled_back()
    {
        var store = Open();
        Add(store, "a", "b");
        using var source = new CancellationTokenSource();

        Assert.ThrowsAny<OperationCanceledException>(() => store.Change(
            [new ActingChange("a", () => { }), new ActingChange("b", source.Cancel), new CancelTask("a")], Act(), source.Token));

        Assert.All(
            store.Read(new TaskQuery(), Cancel),
            task => Assert.Equal((QueueTaskStatus.Pending, NewTask.DefaultPriority), (task.Status, task.Priority)));
        Assert.Equal(TaskOutcomeKind.Applied, store.Change([new CancelTask("a")], Act(), Cancel)[0].Kind);
    }

    [Fact]
    public void A_write_that_is_cancelled_after_its_work_keeps_its_true_outcome()
    {
        var store = Open();
        Add(store, "a");
        using var source = new CancellationTokenSource();

        var outcome = store.Change([new ActingChange("a", source.Cancel)], Act(), source.Token);

        Assert.Equal(TaskOutcomeKind.Applied, outcome[0].Kind);
        Assert.Equal(1, store.Find("a", Cancel)!.Priority);
    }

    [Fact]
    public void A_lock_of_another_process_ends_in_a_timeout_that_says_so()
    {
        var store = Open(Writing with { Timeout = TimeSpan.FromMilliseconds(200) });
        Add(store, "a");
        var holder = Child("hold-lock", QueuePath);
        Assert.Equal("locked", holder.ReadLine());

        var error = Assert.Throws<QueueUnavailableException>(() => Add(store, "late"));

        Assert.Contains("locked by another process", error.Message, StringComparison.Ordinal);
        Assert.IsType<Advice.WaitLonger>(error.Advice);
        Assert.Empty(holder.Finish());
        Add(store, "b");
        Assert.Equal(["a", "b"], StoredIds());
    }

    [Fact]
    public void Reading_and_an_empty_claim_need_no_write_lock()
    {
        var store = Open(Writing with { Timeout = TimeSpan.FromMilliseconds(200) });
        store.Enqueue(
            [new NewTask { Id = "later", Type = "work", Delay = TimeSpan.FromHours(1) }, new NewTask { Id = "other", Type = "other" }],
            Cancel);
        var holder = Child("hold-lock", QueuePath);
        Assert.Equal("locked", holder.ReadLine());

        Assert.Empty(store.Claim(Request(5), Cancel));
        Assert.Equal(["later", "other"], Ids(store));
        Assert.Equal(2, store.CountByStatus(Cancel)["pending"]);
        Assert.Throws<QueueUnavailableException>(() => store.Claim(Request(5, "other"), Cancel));
        holder.Finish();
    }

    [Fact]
    public async Task A_queue_is_opened_and_read_while_a_write_of_this_process_waits_for_another_one()
    {
        var store = Open(Writing with { Timeout = HangGuard.Longest * 3 });
        Add(store, "a");
        var holder = Child("hold-lock", QueuePath);
        Assert.Equal("locked", holder.ReadLine());
        var waiting = Task.Run(() => Add(store, "b"), Cancel);

        // Several times: at first the write may not have come to the lock.
        for (var round = 0; round < 20; round++)
        {
            Assert.Equal(["a"], await Task.Run(() => Ids(Open(Reading)), Cancel).WaitAsync(HangGuard.Longest, Cancel));
        }

        Assert.False(waiting.IsCompleted);
        holder.Finish();
        await waiting;
        Assert.Equal(["a", "b"], StoredIds());
    }

    [Fact]
    public async Task A_process_that_dies_with_the_lock_leaves_it_to_others()
    {
        var store = Open();
        Add(store, "a");
        var holder = Child("hold-lock", QueuePath);
        Assert.Equal("locked", holder.ReadLine());
        var waiting = Task.Run(() => Add(store, "b"), Cancel);

        holder.Kill();

        await waiting;
        Assert.Equal(["a", "b"], StoredIds());
    }

    [Fact]
    public void Two_processes_that_write_without_pause_both_get_their_turn()
    {
        var store = Open(Writing with { Timeout = TimeSpan.FromSeconds(30) });
        var child = Child("enqueue-forever", QueuePath, "work");
        var theirs = child.ReadLines(20);

        string[] ours = [.. Enumerable.Range(0, 50).Select(index => $"ours-{index}")];
        Array.ForEach(ours, id => Add(store, id));

        theirs.AddRange(child.ReadLines(20));
        theirs.AddRange(child.Finish());
        Assert.Equal(ours.Concat(theirs).Order(StringComparer.Ordinal), StoredIds().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_store_that_was_closed_twice_leaves_the_writer_to_the_other_one()
    {
        var first = Open();
        var second = Open();
        Add(first, "a");
        Add(second, "b");

        first.Dispose();
        first.Dispose();

        Add(second, "c");
        Assert.Equal(["a", "b", "c"], Ids(second));
    }

    [Fact]
    public void A_cancelled_reader_never_disturbs_another_one()
    {
        var store = Open();
        Add(store, [.. Enumerable.Range(0, 50).Select(index => $"t{index}")]);

        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 4 }, number =>
        {
            if (number % 2 == 0)
            {
                Assert.Equal(50, Ids(store).Count);
                return;
            }

            using var source = new CancellationTokenSource();
            var cancelling = Task.Run(source.Cancel);
            Record.Exception(() => store.Find("t1", source.Token));
            cancelling.Wait();
        });
    }

    /// <summary>Runs <paramref name="work"/> while another connection holds the write lock; what it started goes on afterwards.</summary>
    private T WhileLocked<T>(Func<T> work)
    {
        using var connection = Connect();
        Scalar(connection, "BEGIN IMMEDIATE");
        var result = work();
        Scalar(connection, "ROLLBACK");
        return result;
    }
}
