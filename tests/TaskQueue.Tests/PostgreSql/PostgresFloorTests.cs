using System.Collections.Concurrent;
using Npgsql;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>Claims begin where the last ones ended, and miss nothing by it.</summary>
public sealed class PostgresFloorTests : PostgresPlanTestBase
{
    private const int Used = 3_000;
    private const int Claims = 40;

    [Fact]
    public void Under_an_old_snapshot_a_claim_passes_over_no_priority_that_was_read_to_its_end()
    {
        Enqueue(Open(), "first");
        using var old = Queue.Connect();
        Execute(old, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM layout");

        var read = Reads("task", store =>
        {
            Add(store, Used, priority: 1);
            Add(store, Claims, priority: 5);
            for (var claimed = 0; claimed < Used; claimed += 500)
            {
                Assert.Equal(500, Claim(store, 500).Count);
            }

            // Longer than it ever takes until a claim looks from the beginning again: the next one does. What it passes over must not be
            // forgotten.
            Thread.Sleep(TimeSpan.FromSeconds(2.5));
            for (var number = 0; number < Claims; number++)
            {
                Assert.Equal(5, Assert.Single(Claim(store, 1)).Priority);
            }
        });

        // Each of the 40 claims would read 3,000 entries of the used-up priority. Now and then one looks from the beginning, on a slow
        // machine more often.
        Assert.InRange(read, Used, Used * Claims / 2);
    }

    [Fact]
    public void An_urgent_task_that_another_process_adds_is_claimed_next()
    {
        var store = Open();
        Add(store, 3, priority: 5);
        Assert.Single(Claim(store, 1));
        Assert.Single(Claim(store, 1));

        Add(OfAnotherProcess(), 1, priority: 1);

        Assert.Equal([1, 5], Claim(store, 5).Select(task => task.Priority));
    }

    [Fact]
    public void Less_urgent_tasks_are_found_again_after_urgent_ones_that_came_between()
    {
        var store = Open();
        Add(store, 4, priority: 5);
        Assert.Equal(5, Assert.Single(Claim(store, 1)).Priority);
        Add(store, 2, priority: 1);

        List<int> priorities = [];
        while (Claim(store, 1) is [var next])
        {
            priorities.Add(next.Priority);
        }

        Assert.Equal([1, 1, 5, 5, 5], priorities);
    }

    [Theory]
    [InlineData("work")]
    [InlineData("work", "other")]
    public void What_others_had_locked_and_gave_up_is_found_again_soon(params string[] types)
    {
        var store = Open();
        Enqueue(store, "locked-1", "locked-2");
        Enqueue(store, [.. Enumerable.Range(0, 20).Select(number => $"free-{number}")]);
        var others = Queue.Connect();
        Execute(others, "BEGIN; SELECT 1 FROM task WHERE id LIKE 'locked-%' FOR UPDATE");
        for (var number = 0; number < 20; number++)
        {
            Assert.StartsWith("free-", Assert.Single(Claim(store, 1, types)).Id, StringComparison.Ordinal);
        }

        others.Dispose();

        List<string> found = [];
        Eventually(
            () =>
            {
                found.AddRange(Claim(store, 1, types).Select(task => task.Id));
                return found.Count == 2;
            },
            "both tasks are found");
        Assert.Equal(["locked-1", "locked-2"], found);
    }

    [Fact]
    public void A_claim_of_several_types_passes_over_what_others_have_locked_and_takes_the_next()
    {
        var store = Open();
        store.Enqueue([.. Enumerable.Range(0, 20).Select(number => NewTask($"{number}", number % 2 == 0 ? "work" : "other"))], Cancel);
        using var others = Queue.Connect();
        Execute(others, "BEGIN; SELECT 1 FROM task WHERE id IN ('0', '1', '2', '5') FOR UPDATE");

        Assert.Equal(["3", "4", "6", "7", "8"], Claim(store, 5, "work", "other").Select(task => task.Id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(50)]
    public void A_claim_locks_no_task_that_it_does_not_take(int types)
    {
        var store = Open();
        store.Enqueue([.. Enumerable.Range(0, 200).Select(number => NewTask($"{number}", TypeName(number % types)))], Cancel);

        Assert.Equal(7, Claim(store, 7, [.. Enumerable.Range(0, types).Select(TypeName)]).Count);

        // The server leaves on a row who locked it last.
        using var connection = Queue.Connect();
        using var command = new NpgsqlCommand("SELECT count(*) FROM task WHERE ready = 1 AND xmax <> '0'", connection);
        Assert.Equal(0L, command.ExecuteScalar());
    }

    [Fact]
    public void Several_who_claim_many_types_at_once_claim_each_task_once()
    {
        string[] types = [.. Enumerable.Range(0, 10).Select(TypeName)];
        Open().Enqueue([.. Enumerable.Range(0, 600).Select(number => NewTask($"{number}", TypeName(number % types.Length)))], Cancel);
        ITaskStore[] stores = [.. Enumerable.Range(0, 6).Select(_ => OfAnotherProcess())];
        var claimed = new ConcurrentBag<QueueTask>();

        using (OnThreads(stores.Length, number =>
        {
            while (stores[number].Claim(Request(7) with { Types = types }, Cancel) is { Count: > 0 } tasks)
            {
                Assert.All(tasks, claimed.Add);
            }
        }))
        {
            // Throws what they threw.
        }

        Assert.Equal(600, claimed.Select(task => task.Id).Distinct().Count());
        Assert.All(claimed, task => Assert.Equal(1, task.Attempt));
        Assert.Equal(600, claimed.Count);
    }

    // Each store has places of its own.
    private ITaskStore OfAnotherProcess() => Open();

    private static void Add(ITaskStore store, int count, int priority) =>
        store.Enqueue([.. Enumerable.Range(0, count).Select(_ => new NewTask { Type = "work", Priority = priority })], Cancel);

    private static IReadOnlyList<QueueTask> Claim(ITaskStore store, int count, params string[] types) =>
        store.Claim(Request(count) with { Types = types.Length == 0 ? ["work"] : types, IsRepeated = true }, Cancel);

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
