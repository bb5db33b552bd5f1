using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    [Fact]
    public void The_most_urgent_task_is_claimed_first_and_equals_in_order_of_creation()
    {
        Store.Enqueue(
            [
                NewTask("5-first"), NewTask("9") with { Priority = 9 }, NewTask("5-second"), NewTask("1-first") with { Priority = 1 },
                NewTask("other", "other") with { Priority = 3 }, NewTask("5-third"), NewTask("1-second") with { Priority = 1 },
            ],
            Cancel);

        Assert.Equal(["1-first", "1-second", "other"], Claim(3, "work", "other").Select(task => task.Id));
        Assert.Equal("5-first", ClaimOne().Id);
        Assert.Equal(["5-second", "5-third", "9"], Claim(10).Select(task => task.Id));
        Assert.Empty(Claim());
    }

    [Fact]
    public void Tasks_of_many_types_are_claimed_in_one_order_however_few_at_a_time()
    {
        string[] types = [.. Enumerable.Range(0, 12).Select(number => $"type-{number}")];
        NewTask[] tasks = [.. Enumerable.Range(0, 200).Select(
            number => NewTask($"{number}", types[number * 7 % 12]) with { Priority = 1 + (number * 5 % 3) })];
        Store.Enqueue(tasks, Cancel);
        string[] expected = [.. tasks.OrderBy(task => task.Priority).Select(task => task.Id)];

        List<string> claimed = [];
        while (Claim(claimed.Count % 5 * 3 + 1, types) is { Count: > 0 } next)
        {
            claimed.AddRange(next.Select(task => task.Id));
        }

        Assert.Equal(expected, claimed);
    }

    [Fact]
    public void What_comes_due_is_claimed_at_its_place_in_the_order()
    {
        Store.Enqueue(
            [
                NewTask("5-later") with { Delay = TimeSpan.FromMinutes(1) },
                NewTask("1-later") with { Priority = 1, Delay = TimeSpan.FromMinutes(1) },
                NewTask("other-later", "other") with { Delay = TimeSpan.FromMinutes(1) }, NewTask("5-first"), NewTask("5-second", "other"),
                NewTask("5-third"), NewTask("5-last"),
            ],
            Cancel);
        Assert.Equal(["5-first"], Claim(1, "work", "other").Select(task => task.Id));
        Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(["1-later", "5-later"], Claim(2, "work", "other").Select(task => task.Id));
        Assert.Equal(["other-later", "5-second", "5-third"], Claim(3, "work", "other").Select(task => task.Id));
        Assert.Equal(["5-last"], Claim(3, "work", "other").Select(task => task.Id));
    }

    [Fact]
    public void Only_tasks_of_the_given_types_are_claimed()
    {
        Store.Enqueue([NewTask("unknown", "nobody's") with { Priority = 1 }, NewTask("a")], Cancel);
        var before = Found("unknown");

        Assert.Equal(["a"], Claim(10).Select(task => task.Id));
        Assert.Empty(Claim(10, "WORK", "nobody"));

        Assert.Equal(before, Found("unknown"), SameTask);
    }

    [Fact]
    public void The_types_of_what_can_be_claimed_now_are_told()
    {
        Assert.Empty(Store.ClaimableTypes(Cancel));
        Store.Enqueue(
            [
                NewTask("a", "render"), NewTask("b", "render"), NewTask("c", "import"), NewTask("d", "taken"),
                NewTask("e", "due soon") with { DueAt = Time.Now.AddMinutes(1) },
                NewTask("f", "due late") with { DueAt = Time.Now.AddHours(1) },
            ],
            Cancel);
        ClaimOne("taken");
        Assert.Equal(["import", "render"], Store.ClaimableTypes(Cancel).Order(StringComparer.Ordinal));

        Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(["due soon", "import", "render"], Store.ClaimableTypes(Cancel).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_type_named_twice_is_claimed_once()
    {
        Enqueue("a", "b");

        var claimed = Claim(4, "work", "work");

        Assert.Equal(["a", "b"], claimed.Select(task => task.Id));
        Assert.All(claimed, task => Assert.Equal(task.ClaimToken, Found(task.Id).ClaimToken));
    }

    [Fact]
    public void A_claim_carries_the_tokens_of_the_client_and_a_lease()
    {
        Enqueue("a", "b", "c");
        var request = Request(2);

        var claimed = Store.Claim(request, Cancel);

        Assert.Equal(request.Tokens, claimed.Select(task => task.ClaimToken!.Value));
        Assert.All(claimed, task =>
        {
            Assert.Equal((QueueTaskStatus.Running, 1, "tester:1"), (task.Status, task.Attempt, task.Worker));
            Assert.Equal((Time.Now, Time.Now, Time.Now.AddMinutes(1)), (task.StartedAt, task.HeartbeatAt, task.LeaseExpiresAt));
            Assert.Equal(task, Found(task.Id), SameTask);
        });
        Assert.Equal(QueueTaskStatus.Pending, Found("c").Status);
    }

    [Fact]
    public void A_claim_says_which_of_its_tasks_begin_at_once()
    {
        Enqueue("a", "b", "c");

        Store.Claim(Request(3) with { BeginAtOnce = 2 }, Cancel);

        Assert.Equal([Time.Now, Time.Now, null], Store.Read(new TaskQuery(), Cancel).Select(task => task.BegunAt));
    }

    [Fact]
    public void A_heartbeat_notes_that_an_attempt_has_begun_and_the_first_note_stays()
    {
        Enqueue("a");
        var token = Assert.Single(Store.Claim(Request(1) with { BeginAtOnce = 0 }, Cancel)).ClaimToken!.Value;
        Change(new HeartbeatTask("a", token, null));
        Assert.Null(Found("a").BegunAt);
        Time.Advance(TimeSpan.FromSeconds(5));
        var begun = Time.Now;

        Change(new HeartbeatTask("a", token, null, HasBegun: true));
        Time.Advance(TimeSpan.FromSeconds(5));
        Change(new HeartbeatTask("a", token, null, HasBegun: true));

        Assert.Equal(begun, Found("a").BegunAt);
        Change(new ReleaseTask("a", token));
        Assert.Null(Found("a").BegunAt);
    }

    [Fact]
    public void A_suspect_begins_only_when_its_worker_says_so()
    {
        Enqueue("a", "b");
        for (var time = 0; time < 2; time++)
        {
            var task = ClaimOne();
            Assert.Equal("a", task.Id);
            Change(new RecoverTask("a", task.ClaimToken!.Value, task.LeaseExpiresAt!.Value, Budget: 3, WorkerIsGone: true));
        }

        Store.Claim(Request(2) with { BeginAtOnce = 1 }, Cancel);

        Assert.Equal([null, Time.Now], Store.Read(new TaskQuery(), Cancel).Select(task => task.BegunAt));
    }

    [Fact]
    public void A_restart_forgets_the_recoveries_and_its_undo_brings_them_back()
    {
        Enqueue("a");
        var task = ClaimOne();
        Change(new RecoverTask("a", task.ClaimToken!.Value, task.LeaseExpiresAt!.Value, Budget: 3, WorkerIsGone: true));
        Change(new CancelTask("a"));
        var history = Found("a").RecoveryHistory;
        Assert.Equal(1, history.StartedWithin(Time.Now));
        var restart = Act("restart");

        Change(new RestartTask("a"), restart);
        Assert.Equal((default, 0), (Found("a").RecoveryHistory, Found("a").Recoveries));
        Undo(restart);

        Assert.Equal((history, 1), (Found("a").RecoveryHistory, Found("a").Recoveries));
    }

    [Fact]
    public void A_task_is_claimed_from_its_due_time_on()
    {
        Store.Enqueue(
            [
                NewTask("zulu") with
                {
                    DueAt = DateTimeOffset.Parse("2026-03-01T13:00:00Z", System.Globalization.CultureInfo.InvariantCulture),
                },
                NewTask("offset") with
                {
                    DueAt = DateTimeOffset.Parse("2026-03-01T22:00:00+08:00", System.Globalization.CultureInfo.InvariantCulture),
                },
            ],
            Cancel);

        Assert.Empty(Claim());
        Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        Assert.Empty(Claim());
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["zulu"], Claim(5).Select(task => task.Id));
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["offset"], Claim(5).Select(task => task.Id));
    }

    [Fact]
    public void A_due_task_is_claimed_however_many_others_came_due_before_it()
    {
        Store.Enqueue(
            [.. Enumerable.Range(0, 2500).Select(index => NewTask($"other-{index}", "other") with { Delay = TimeSpan.FromMinutes(1) })],
            Cancel);
        Store.Enqueue([NewTask("mine") with { Delay = TimeSpan.FromMinutes(2) }], Cancel);
        Time.Advance(TimeSpan.FromMinutes(3));

        // Empty means that there is nothing: a draining worker stops at it.
        Assert.Equal("mine", ClaimOne().Id);
    }

    [Fact]
    public void A_task_that_was_due_stays_so_when_the_clock_is_set_back()
    {
        Enqueue("a");
        Time.Advance(TimeSpan.FromMinutes(-10));

        Assert.Equal("a", ClaimOne().Id);
    }

    [Fact]
    public void A_released_task_is_claimed_again_with_a_new_token_and_costs_no_retry()
    {
        Enqueue("a");
        var first = ClaimOne();
        Change(new ReleaseTask("a", first.ClaimToken!.Value));

        var second = ClaimOne();

        Assert.NotEqual(first.ClaimToken, second.ClaimToken);
        Assert.Equal((2, 0), (second.Attempt, second.RetryCount));
    }

    [Fact]
    public void No_task_is_claimed_twice_however_many_claim_at_once()
    {
        Enqueue([.. Enumerable.Range(0, 300).Select(index => $"t{index}")]);
        var second = Opened("queue");
        var claimed = new System.Collections.Concurrent.ConcurrentBag<QueueTask>();

        Parallel.ForEach(Enumerable.Range(0, 6), new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Cancel }, number =>
        {
            var store = number % 2 == 0 ? Store : second;
            while (store.Claim(Request(7), Cancel) is { Count: > 0 } tasks)
            {
                foreach (var task in tasks)
                {
                    claimed.Add(task);
                }
            }
        });

        Assert.Equal(300, claimed.Count);
        Assert.Equal(300, claimed.DistinctBy(task => task.Id).Count());
        Assert.All(claimed, task => Assert.Equal(1, task.Attempt));
    }
}
