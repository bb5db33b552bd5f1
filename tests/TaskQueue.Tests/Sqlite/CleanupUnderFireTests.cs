using System.Text.Json;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

/// <summary>Cleanups while other processes claim, complete and add: each task's story must add up in the end.</summary>
public sealed class CleanupUnderFireTests : SqliteTestBase
{
    // Enough for many cleanings to meet a worker that is about to complete.
    private const int Cleanings = 120;

    [Fact]
    public void Nothing_that_changed_after_it_was_judged_is_touched_and_no_result_is_lost()
    {
        var store = Open();
        Add(store, [.. Enumerable.Range(0, 300).Select(index => $"task-{index}")]);
        List<ChildProcess> workers = [Child("claim-and-complete", QueuePath, "work"), Child("claim-and-complete", QueuePath, "work")];
        var adder = Child("enqueue-forever", QueuePath, "work");
        List<string> lines = [.. workers.SelectMany(worker => worker.ReadLines(3))];
        var added = adder.ReadLines(3);

        var cleaned = new List<(Guid Operation, StuckTask Task)>();
        for (var round = 0; cleaned.Count < Cleanings; round++)
        {
            var requeue = round % 2 == 0;
            var cleanup = new StuckTaskCleanup(store);
            var plan = cleanup.Plan(new StuckPolicy { MaxAge = TimeSpan.FromMilliseconds(1), Requeue = requeue }, Cancel);
            // An operator thinks before he accepts: meanwhile claims are renewed, completed, released and taken by others.
            Thread.Sleep(Random.Shared.Next(12));
            var operation = Act("cleanup");
            var path = Folder[$"backup-{round}.db"];
            var report = cleanup.Apply(
                plan, plan.Stuck, round % 50 == 0 ? () => store.Backup(new BackupRequest(path), Cancel) : null, operation, Cancel);
            cleaned.AddRange(report.Cleaned.Select(task => (operation.Id, task)));
        }

        lines.AddRange(workers.SelectMany(worker => worker.Finish()));
        added.AddRange(adder.Finish());

        var events = ReadEvents();
        AssertEachCleaningMetWhatWasJudged(cleaned, events);
        AssertNoResultIsLost(store, lines, events);
        Assert.Subset(Ids(store).ToHashSet(), added.ToHashSet());
        AssertIntact();
    }

    /// <summary>The event shows the very claim and lease that the plan had judged.</summary>
    private static void AssertEachCleaningMetWhatWasJudged(
        List<(Guid Operation, StuckTask Task)> cleaned,
        List<(string Task, string Kind, string Operation, string? Before, string? Details)> events)
    {
        var judged = cleaned.ToDictionary(entry => (entry.Operation.ToString(), entry.Task.Id), entry => entry.Task);
        var cleanings = events.Where(logged => logged.Kind == "cleanup").ToList();
        Assert.Equal(judged.Count, cleanings.Count);
        Assert.All(cleanings, logged =>
        {
            var task = judged[(logged.Operation, logged.Task)];
            using var before = JsonDocument.Parse(logged.Before!);
            Assert.Equal("running", before.RootElement.GetProperty("status").GetString());
            Assert.Equal(task.ClaimToken.ToString(), before.RootElement.GetProperty("claimToken").GetString());
            Assert.Equal(task.LeaseExpiresAt!.Value.ToUnixTimeMilliseconds(), before.RootElement.GetProperty("leaseExpiresAt").GetInt64());
        });
        // A claim is ended once.
        Assert.Equal(cleaned.Count, cleaned.DistinctBy(entry => entry.Task.ClaimToken).Count());
    }

    /// <summary>A completion is the task's result, or came after a cleaning of that same claim and stands in the log.</summary>
    private static void AssertNoResultIsLost(
        ITaskStore store, List<string> lines, List<(string Task, string Kind, string Operation, string? Before, string? Details)> events)
    {
        var late = events.Where(logged => logged.Kind == "late result").Select(logged => (logged.Task, logged.Details)).ToHashSet();
        var cleanedClaims = events.Where(logged => logged.Kind == "cleanup")
            .Select(logged => JsonDocument.Parse(logged.Before!).RootElement.GetProperty("claimToken").GetString()!).ToHashSet();
        Assert.All(lines.Select(line => line.Split(' ')), parts =>
        {
            var (id, token, outcome) = (parts[0], parts[1], parts[2]);
            if (outcome == "Applied")
            {
                Assert.DoesNotContain(token, cleanedClaims);
                var task = store.Find(id, Cancel)!;
                Assert.Equal((QueueTaskStatus.Success, $"\"{token}\""), (task.Status, task.ResultJson));
            }
            else
            {
                Assert.Equal("Superseded", outcome);
                Assert.Contains(token, cleanedClaims);
                Assert.Contains((id, $"success: \"{token}\""), late);
            }
        });
        var applied = lines.Count(line => line.EndsWith("Applied", StringComparison.Ordinal));
        Assert.Equal(applied, store.CountByStatus(Cancel).GetValueOrDefault("success"));
    }

    private List<(string Task, string Kind, string Operation, string? Before, string? Details)> ReadEvents()
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT e.task_id, e.kind, o.id, e.before, e.details FROM event e JOIN operation o ON o.seq = e.operation ORDER BY e.seq";
        using var reader = command.ExecuteReader();
        var events = new List<(string, string, string, string?, string?)>();
        while (reader.Read())
        {
            events.Add(
                (reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.IsDBNull(3)
                    ? null
                    : reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4)));
        }

        return events;
    }
}
