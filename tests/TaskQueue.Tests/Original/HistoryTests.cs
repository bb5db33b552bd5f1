using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Original;

/// <summary>History and undo of a queue in the original's layout: the log lies beside it.</summary>
public sealed class HistoryTests : IDisposable
{
    private readonly OriginalFile _file = OriginalFile.Empty();

    public HistoryTests()
    {
        _file.AddPending("waiting", new DateTime(2025, 12, 19, 10, 0, 0));
        _file.AddRunning("running", "2025-12-16T22:07:13.868950");
        _file.AddFinished("failed", "failed", new DateTime(2025, 12, 18, 10, 0, 0));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Reading_makes_no_log_and_finds_nothing()
    {
        var before = _file.Fingerprint();
        using (var store = _file.Open())
        {
            Assert.Empty(store.History.ReadOperations(new OperationQuery(), Cancel));
            Assert.Empty(store.History.ReadEvents(new EventQuery { TaskId = "waiting" }, Cancel));
            Assert.Equal(new HistoryExpiry(0, 0, 0), store.History.Expire(new HistoryRetention(), Cancel));
            Assert.Throws<OperationNotFoundException>(() => store.History.PlanUndo(Guid.NewGuid(), _ => true, requeue: false, Cancel));
        }

        Assert.Equal(before, _file.Fingerprint());
    }

    [Fact]
    public void Reading_and_planning_change_neither_queue_nor_log()
    {
        var operation = Act(new ForceCancelTask("running"), new CancelTask("waiting"));
        var before = _file.Fingerprint();
        using (var store = _file.Open())
        {
            Assert.Equal(operation.Id, Assert.Single(store.History.ReadOperations(new OperationQuery(), Cancel)).Id);
            Assert.Equal(
                ("running", "failed"), Statuses(Assert.Single(store.History.ReadEvents(new EventQuery { TaskId = "running" }, Cancel))));
            Assert.Equal(2, store.History.PlanUndo(operation.Id, _ => true, requeue: false, Cancel).Restored.Count);
        }

        Assert.Equal(before, _file.Fingerprint());
    }

    [Fact]
    public void A_log_is_found_by_a_reader_that_was_there_before_it()
    {
        using var reader = _file.Open();
        Assert.Empty(reader.History.ReadOperations(new OperationQuery(), Cancel));
        Act(new CancelTask("waiting"));
        Assert.Single(reader.History.ReadOperations(new OperationQuery(), Cancel));
    }

    /// <summary>
    /// As pending its service would run it a second time when it starts next: it asks nobody whether the first run is over.
    /// </summary>
    [Theory]
    [InlineData("force cancel")]
    [InlineData("cleanup")]
    [InlineData("cleanup, requeued")]
    [InlineData("remove")]
    public void A_stopped_running_task_comes_back_to_the_letter_and_the_report_says_what_that_means(string kind)
    {
        var before = _file.Tasks();
        TimeSpan? age;
        TaskChange stop = kind switch
        {
            "force cancel" => new ForceCancelTask("running"), "remove" => new RemoveTask("running", Force: true), _ => null!,
        };
        using (var reader = _file.Open())
        {
            var judged = Assert.Single(new StuckTaskCleanup(reader).Plan(new StuckPolicy(), Cancel).Stuck);
            age = judged.Age;
            stop ??= new CleanUpStuckTask(judged, Requeue: kind != "cleanup");
        }

        var operation = Act(stop);
        _file.Time.Advance(TimeSpan.FromHours(1));
        using var store = _file.Open(forWriting: true);

        var report = Undo(store, operation);

        Assert.Equal(
            ("running", "running", "as before: nothing tells whether the original's worker goes on with it"),
            (report.Restored[0].Id, report.Restored[0].Status, report.Restored[0].Note));
        Assert.StartsWith(
            "The original's service never restarts a running task by itself", Assert.Single(report.Remarks), StringComparison.Ordinal);
        Assert.Equal(before, _file.Tasks());
        // It is as old as it was, so that a cleanup finds it again.
        Assert.Equal(age + TimeSpan.FromHours(1), Assert.Single(new StuckTaskCleanup(store).Plan(new StuckPolicy(), Cancel).Stuck).Age);
        // What was brought back can be stopped again by an undo of the undo, but for what came out of the trash.
        Assert.Equal(
            kind == "remove" ? 0 : 1,
            store.History.Undo(report.OperationId!.Value, Operation("undo"), _ => true, requeue: false, Cancel).Restored.Count);
    }

    [Fact]
    public void On_request_a_stopped_running_task_comes_back_as_pending_and_the_report_warns_of_a_second_run()
    {
        var operation = Act(new ForceCancelTask("running"));
        using var store = _file.Open(forWriting: true);

        var report = store.History.Undo(operation.Id, Operation("undo"), _ => true, requeue: true, Cancel);

        Assert.Equal(
            ("running", "pending", "requeued as asked"), (report.Restored[0].Id, report.Restored[0].Status, report.Restored[0].Note));
        Assert.Equal(["The original's worker was not told: what it still runs may run a second time."], report.Remarks);
        var row = _file.Row("running");
        Assert.Equal(("'pending'", "NULL", "NULL", "NULL"), (row["status"], row["started_at"], row["completed_at"], row["error_message"]));
    }

    [Fact]
    public void What_was_stopped_teaches_nothing_of_running_times()
    {
        _file.AddFinished("good", "success", new DateTime(2025, 12, 18, 10, 0, 0));
        Act(new ForceCancelTask("running"));
        using var store = _file.Open();

        var measured = QueueMeasure.Of(store, null, null, null, Cancel);

        Assert.Equal((1L, 2L, 1), (measured.Success, measured.Failed, measured.RunningTime!.Count));
        Assert.InRange(measured.RunningTime.Max, TimeSpan.Zero, TimeSpan.FromHours(1));
    }

    [Fact]
    public void A_cancel_a_restart_and_a_set_are_undone_by_the_originals_conventions()
    {
        var (waiting, failed) = (_file.Row("waiting"), _file.Row("failed"));
        NewOperation[] operations =
        [
            Act(new SetTask("waiting") { Priority = 1, DataJson = "[2]" }), Act(new CancelTask("waiting")), Act(new RestartTask("failed")),
        ];
        using var store = _file.Open(forWriting: true);
        foreach (var operation in operations.Reverse())
        {
            Assert.Single(Undo(store, operation).Restored);
        }

        Assert.Equal(Known(waiting), Known(_file.Row("waiting")));
        Assert.Equal(Known(failed), Known(_file.Row("failed")));
    }

    [Fact]
    public void What_was_changed_within_the_same_second_is_left_alone_too()
    {
        // The layout's own marks of a change, all that a revision is made of here, know whole seconds.
        var first = Act(new SetTask("waiting") { Priority = 1 });
        Act(new SetTask("waiting") { Priority = 9 });
        using var store = _file.Open(forWriting: true);

        Assert.Contains("changed since", Assert.Single(Undo(store, first).Skipped).SkipReason, StringComparison.Ordinal);
        Assert.Equal("9", _file.Row("waiting")["priority"]);
    }

    [Theory]
    [InlineData("waiting", "pending", null)]
    [InlineData("running", "running", "as before: nothing tells whether the original's worker goes on with it")]
    public void A_change_that_no_store_knows_is_carried_out_logged_and_undone(string id, string status, string? note)
    {
        var before = Known(_file.Row(id));

        var operation = Act(new ExpediteTask(id));

        Assert.Equal(("'pending'", "1"), (_file.Row(id)["status"], _file.Row(id)["priority"]));
        using var store = _file.Open(forWriting: true);
        var logged = Assert.Single(store.History.ReadEvents(new EventQuery { TaskId = id }, Cancel));
        Assert.Equal(("expedite", "the customer is on the phone", true), (logged.Event, logged.Details, logged.IsUndoable));
        Assert.Equal((id, status, note), Assert.Single(Undo(store, operation).Restored).Described());
        Assert.Equal(before, Known(_file.Row(id)));
    }

    [Fact]
    public void A_removed_row_comes_back_to_the_letter_under_its_key()
    {
        _file.Execute("UPDATE task_queue SET priority = 'high', data = x'FF00' WHERE task_id = 'failed'");
        var before = _file.Tasks();
        var operation = Act(new RemoveTask("failed"));
        using var store = _file.Open(forWriting: true);

        Assert.Equal("failed", Assert.Single(Undo(store, operation).Restored).Status);

        Assert.Equal(before, _file.Tasks());
        Assert.Empty(_file.LogRows("SELECT * FROM trash"));
        Assert.Equal("already brought back", Assert.Single(Undo(store, operation).Skipped).SkipReason);
    }

    [Fact]
    public void What_the_service_changed_since_is_left_alone()
    {
        var operation = Act(new ForceCancelTask("running"));
        _file.Execute("UPDATE task_queue SET status = 'success', updated_at = '2025-12-19 09:00:00' WHERE task_id = 'running'");
        using var store = _file.Open(forWriting: true);

        Assert.Equal("changed since: now success", Assert.Single(Undo(store, operation).Skipped).SkipReason);
    }

    [Fact]
    public void A_log_that_another_version_of_the_product_made_is_refused_and_left_as_it_is()
    {
        Act(new CancelTask("waiting"));
        using (var log = RawDatabase.Open(_file.LogLocation))
        {
            // As builds before the first release stored it.
            log.Execute("PRAGMA user_version = 2");
        }

        var before = _file.Fingerprint();
        using (var reader = _file.Open())
        {
            var unread = Assert.Throws<QueueUnavailableException>(
                () => reader.History.ReadOperations(new OperationQuery(), Cancel).ToList());
            Assert.Contains("another version of this product", unread.Message, StringComparison.Ordinal);
            Assert.Contains("move the file away", $"{unread.Advice}", StringComparison.Ordinal);
        }

        var unwritten = Assert.Throws<QueueUnavailableException>(() => Act(new ForceCancelTask("running")));
        Assert.Contains("nothing was changed", unwritten.Message, StringComparison.Ordinal);
        Assert.Equal(before, _file.Fingerprint());
    }

    [Fact]
    public void Its_history_goes_along_with_a_copy_to_our_own_layout()
    {
        var operation = Act(new CancelTask("waiting"), new RemoveTask("failed"));
        using var source = _file.Open();
        using var destination = Storage.TaskStores.Open(
            Path.Combine(_file.Folder, "copy.db"), new Storage.StoreOptions { Create = true, ForWriting = true });

        for (var run = 0; run < 2; run++)
        {
            QueueTransfer.Copy(
                source, destination, RunningTasks.Requeue, Operation("copy"), (_, error) => throw error, _ => { }, Cancel);
        }

        Assert.Equal(
            ["waiting", "failed"],
            destination.History.ReadEvents(new EventQuery { OperationId = operation.Id }, Cancel).Select(logged => logged.TaskId));
    }

    [Fact]
    public void Old_events_and_removed_rows_expire()
    {
        Act(new CancelTask("waiting"), new RemoveTask("failed"));
        _file.Time.Advance(TimeSpan.FromDays(100));
        using var store = _file.Open(forWriting: true);

        Assert.Equal(new HistoryExpiry(2, 1, 1), store.History.Expire(new HistoryRetention(), Cancel));

        Assert.Empty(store.History.ReadEvents(new EventQuery(), Cancel));
    }

    private static (string?, string?) Statuses(TaskEvent logged) => (logged.StatusBefore, logged.StatusAfter);

    private static NewOperation Operation(string kind) => new() { Kind = kind, Actor = Actor.Current("Test-Command") };

    private static UndoResult Undo(ITaskStore store, NewOperation operation) =>
        store.History.Undo(operation.Id, Operation("undo"), _ => true, requeue: false, Cancel);

    /// <summary>What an undo restores to the letter: all but the time of the last write.</summary>
    private static string Known(Dictionary<string, string> row) => string.Join(
        "|",
        row
            .Where(column => column.Key is not "updated_at")
            .Select(column => $"{column.Key}={column.Value.Replace(".000000", "", StringComparison.Ordinal)}"));

    private NewOperation Act(params TaskChange[] changes)
    {
        var operation = Operation(changes[0].Kind);
        using var store = _file.Open(forWriting: true);
        Assert.All(store.Change(changes, operation, Cancel), outcome => Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind));
        return operation;
    }
}
