using System.Text.Json.Nodes;
using TaskQueue.Storage;
using TaskQueue.Tests;

namespace TaskQueue.Server.Tests;

public sealed class NewRoutesTests
{
    private const string Tasks = RunningServer.Tasks;

    [Fact]
    public async Task Pages_lead_through_the_whole_queue_and_every_total_is_the_true_one()
    {
        await using var server = await RunningServer.OfOwnQueue();
        for (var number = 0; number < 25; number++)
        {
            Assert.Equal(
                201,
                (await server.Call(
                    "POST", Tasks,
                    $$"""{"task_type":"{{(number % 5 == 0 ? "rare" : "work")}}","task_id":"task-{{number}}","data":[{{number}}]}""")).Status);
        }

        List<string> shown = [];
        string? cursor = null;
        do
        {
            var (_, page) = await server.Call("GET", $"{Tasks}?limit=10{(cursor is null ? "" : "&cursor=" + cursor)}");
            shown.AddRange(page!["data"]!.AsArray().Select(task => (string)task!["task_id"]!));
            Assert.Equal(25, (int)page["total"]!);
            cursor = (string?)page["next_cursor"];
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 25).Reverse().Select(number => $"task-{number}"), shown);
        var (_, rare) = await server.Call("GET", $"{Tasks}?type=rare&limit=2&status=pending");
        Assert.Equal((2, 5), (rare!["data"]!.AsArray().Count, (int)rare["total"]!));
        Assert.Equal(422, (await server.Call("GET", $"{Tasks}?cursor=none")).Status);
    }

    [Fact]
    public async Task A_cleanup_shows_its_plan_first_then_backs_up_and_can_be_taken_back()
    {
        await using var server = await RunningServer.OfIncident();

        var (_, plan) = await server.Call("POST", Tasks + "/cleanup?max_age_hours=0.1");
        Assert.True((bool)plan!["dry_run"]!);
        Assert.Equal(8, plan["stuck"]!.AsArray().Count);
        Assert.DoesNotContain(Directory.EnumerateFiles(server.Folder), file => file.Contains("backup", StringComparison.Ordinal));

        var (status, done) = await server.Call("POST", Tasks + "/cleanup?max_age_hours=0.1&dry_run=false&reason=night");
        Assert.Equal((200, 8), (status, (int)done!["cleaned_count"]!));
        Assert.True(File.Exists(Path.Combine(server.Folder, (string)done["backup"]!)));
        Assert.Contains(StuckTaskCleanup.WorkerNotTold, done["remarks"]!.AsArray().Select(remark => (string?)remark));

        var operation = (string)done["operation_id"]!;
        var (_, undone) = await server.Call("POST", $"{Tasks}/operations/{operation}/undo?dry_run=false");
        Assert.Equal(8, undone!["restored"]!.AsArray().Count);
        Assert.All(undone["restored"]!.AsArray(), task => Assert.Equal("running", (string?)task!["status"]));
        Assert.Empty(undone["warnings"]!.AsArray());
        var (_, history) = await server.Call("GET", $"{Tasks}/{(string)done["cleaned"]![0]!}/history");
        Assert.Equal(["cleanup", "undo"], history!["data"]!.AsArray().Select(happened => (string?)happened!["event"]));
        var (_, kinds) = await server.Call("GET", Tasks + "/operations");
        Assert.Equal(["undo", "cleanup"], kinds!["data"]!.AsArray().Select(each => (string?)each!["kind"]));
    }

    [Fact]
    public async Task An_old_backup_that_cannot_be_deleted_is_a_warning_of_the_answer()
    {
        await using var server = await RunningServer.OfIncident();
        string old;
        using (var queue = server.OpenQueue())
        {
            var made = Enumerable.Range(0, 11)
                .Select(_ => new AutomaticBackups(queue).Make(null, TestContext.Current.CancellationToken).Path)
                .ToList();
            made.ForEach(path => File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-1)));
            old = made[0];
            File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));
        }

        using var held = new UndeletableFile(old);

        var (status, done) = await server.Call("POST", Tasks + "/cleanup?max_age_hours=0.1&dry_run=false");

        Assert.Equal((200, 8), (status, (int)done!["cleaned_count"]!));
        Assert.StartsWith(
            $"The old backup '{Path.GetFileName(old)}' could not be deleted", (string?)Assert.Single(done["warnings"]!.AsArray()),
            StringComparison.Ordinal);
        Assert.Equal("8 tasks would be brought back. Nothing was changed; dry_run=false carries it out.", (string?)(await server.Call(
            "POST", $"{Tasks}/operations/{(string)done["operation_id"]!}/undo")).Body!["message"]);
    }

    [Fact]
    public async Task An_undo_brings_what_was_running_back_as_pending_on_request()
    {
        await using var server = await RunningServer.OfFreshIncident();
        var (_, stopped) = await server.Call("POST", Tasks + "/cancel/stuck_0?force=true");
        var undo = $"{Tasks}/operations/{(string)stopped!["operation_id"]!}/undo?requeue=true";

        var (_, plan) = await server.Call("POST", undo);
        var (_, undone) = await server.Call("POST", undo + "&dry_run=false");

        Assert.Equal("pending", (string?)plan!["restored"]![0]!["status"]);
        Assert.Equal(
            ("pending", "requeued as asked"), ((string?)undone!["restored"]![0]!["status"], (string?)undone["restored"]![0]!["note"]));
    }

    [Fact]
    public async Task A_retry_makes_a_task_due_that_waits_and_keeps_its_id()
    {
        await using var server = await RunningServer.OfOwnQueue();
        await server.Call("POST", Tasks, """{"task_type":"work","task_id":"later","delay_seconds":3600}""");

        var (status, answer) = await server.Call("POST", Tasks + "/retry/later");

        Assert.Equal((200, "later"), (status, (string?)answer!["new_task_id"]));
        using var queue = server.OpenQueue();
        Assert.True(queue.Find("later", TestContext.Current.CancellationToken)!.DueAt <= queue.Now);
        Assert.Equal(
            409,
            (await server.Call("POST", Tasks, new JsonObject { ["task_type"] = "work", ["task_id"] = "later" }.ToJsonString())).Status);
    }

    [Fact]
    public async Task A_cleanup_of_named_tasks_stops_no_other()
    {
        await using var server = await RunningServer.OfFreshIncident();

        var (status, done) = await server.Call(
            "POST", Tasks + "/cleanup?dry_run=false",
            new JsonObject { ["task_ids"] = new JsonArray("stuck_0", "stuck_7", "nobody") }.ToJsonString());

        // The second one is too young, the third is none.
        Assert.Equal((200, 1, "stuck_0"), (status, (int)done!["cleaned_count"]!, (string?)done["cleaned"]![0]));
        Assert.Equal(7, (int)(await server.Call("GET", Tasks + "/stats")).Body!["data"]!["running"]!);
        Assert.Equal(422, (await server.Call("POST", Tasks + "/cleanup", "{\"task_ids\":[]}")).Status);
    }

    [Fact]
    public async Task Answers_count_one_task_as_one()
    {
        await using var server = await RunningServer.OfOwnQueue();
        await server.Call("POST", Tasks, """{"task_type":"work","task_id":"only"}""");

        var (_, cleared) = await server.Call("POST", Tasks + "/clear/pending");
        Assert.Equal("1 task was deleted.", (string?)cleared!["message"]);
        var undo = $"{Tasks}/operations/{(string)cleared["operation_id"]!}/undo";
        Assert.StartsWith(
            "1 task would be brought back.", (string?)(await server.Call("POST", undo)).Body!["message"], StringComparison.Ordinal);
        Assert.Equal(
            "1 task was brought back, 0 left alone.", (string?)(await server.Call("POST", undo + "?dry_run=false")).Body!["message"]);
        Assert.Equal(
            "0 tasks were stopped and are failed now.",
            (string?)(await server.Call("POST", Tasks + "/cleanup?dry_run=false")).Body!["message"]);
    }

    [Fact]
    public async Task A_cancel_can_be_asked_what_it_would_do()
    {
        await using var server = await RunningServer.OfFreshIncident();

        var (refused, reason) = await server.Call("POST", Tasks + "/cancel/stuck_0?dry_run=true");
        var (status, answer) = await server.Call("POST", Tasks + "/cancel/stuck_0?force=true&dry_run=true");

        Assert.Equal(400, refused);
        Assert.Contains("force=true", (string?)reason!["detail"], StringComparison.Ordinal);
        Assert.Equal((200, null), (status, answer!["operation_id"]));
        Assert.Equal("running", (string?)(await server.Call("GET", Tasks + "/stuck_0")).Body!["data"]!["status"]);
    }

    [Fact]
    public async Task The_last_day_is_counted_by_the_hour()
    {
        await using var server = await RunningServer.OfOwnQueue();
        using (var queue = server.OpenQueue())
        {
            var cancel = TestContext.Current.CancellationToken;
            queue.Enqueue([.. Enumerable.Range(0, 3).Select(number => new NewTask { Id = $"task-{number}", Type = "work" })], cancel);
            queue.Change(
                [new CancelTask("task-0"), new CancelTask("task-1")], new NewOperation { Kind = "cancel", Actor = Actor.Current("test") },
                cancel);
        }

        var (_, activity) = await server.Call("GET", Tasks + "/activity");

        Assert.Equal((24, 2, true), (activity!["data"]!.AsArray().Count, (int)activity["total"]!, (bool)activity["is_complete"]!));
        // The hour may have ended meanwhile.
        Assert.Equal(2, activity["data"]!.AsArray().TakeLast(2).Sum(hour => (int)hour!["cancelled"]!));
    }
}
