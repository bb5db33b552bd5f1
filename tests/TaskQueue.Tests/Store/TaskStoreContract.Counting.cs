using Xunit;

namespace TaskQueue.Tests.Store;

/// <summary>The numbers of tasks, which the end of each test compares with the tasks.</summary>
public abstract partial class TaskStoreContract
{
    [Fact]
    public void The_numbers_hold_whoever_writes_at_the_same_time()
    {
        var stores = Enumerable.Range(0, 4).Select(_ => Opened("queue")).ToList();

        Parallel.For(0, stores.Count, new ParallelOptions { MaxDegreeOfParallelism = stores.Count }, number =>
        {
            var store = stores[number];
            for (var round = 0; round < 30; round++)
            {
                var ids = Enumerable.Range(0, 3).Select(task => $"{number}-{round}-{task}").ToList();
                store.Enqueue([.. ids.Select(id => NewTask(id, $"type-{round % 2}"))], Cancel);
                var claimed = store.Claim(Request(2, "type-0", "type-1"), Cancel);
                ((IWorkSource)store).Change(
                    [.. claimed.Select(task => new CompleteTask(task.Id, task.ClaimToken!.Value, null) { Claimed = task })], Act(), Cancel);
                store.Change([new SetTask(ids[0]) { Type = "type-2" }, new RemoveTask(ids[1])], Act(), Cancel);
            }
        });
    }

    [Fact]
    public void A_transaction_that_fails_leaves_the_numbers_as_they_are()
    {
        Enqueue("a", "b");

        Assert.ThrowsAny<Exception>(() => Store.Change([new RemoveTask("a"), new FailingChange("b")], Act(), Cancel));
        Enqueue("c");

        Assert.Equal(3, Store.CountByStatus(Cancel)["pending"]);
    }

    [Fact]
    public void What_another_program_has_written_is_counted_when_the_queue_is_optimized()
    {
        Enqueue("a", "b", "c");
        Claim();
        Execute("DELETE FROM task WHERE id = 'c'");
        Execute("UPDATE task SET type = 'mail', status = 'failed', ready = NULL WHERE id = 'b'");

        Store.Optimize(new HistoryRetention(), _ => { }, Cancel);

        Assert.Equal(
            [new TypeCount("mail", "failed", 1), new TypeCount("work", "running", 1)],
            Store.CountByType(Cancel).OrderBy(count => count.Type, StringComparer.Ordinal));
        Enqueue("d");
    }

    /// <summary>A change whose decision fails, in the middle of a transaction.</summary>
    private sealed record FailingChange(string Id) : OperatorChange(Id, Revision: null)
    {
        public override string Kind => "fail";

        protected override bool Accepts(QueueTaskStatus status) => throw new InvalidOperationException();

        protected override Transition Change(QueueTask before, DateTimeOffset now) => throw new InvalidOperationException();
    }
}
