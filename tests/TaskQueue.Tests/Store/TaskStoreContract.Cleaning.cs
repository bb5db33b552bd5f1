using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    [Fact]
    public void A_cleanup_stops_what_it_planned_after_a_backup_that_still_holds_the_old_state()
    {
        Enqueue("dead-1", "dead-2");
        Claim(2);
        Time.Advance(TimeSpan.FromHours(2));
        Enqueue("young");
        ClaimOne();
        var cleanup = new StuckTaskCleanup(Store);
        var plan = cleanup.Plan(new StuckPolicy(), Cancel);
        Assert.Equal(["dead-1", "dead-2"], plan.Stuck.Select(task => task.Id));
        Assert.Equal("young", Assert.Single(plan.Skipped).Id);

        var report = cleanup.Apply(plan, plan.Stuck, MakeBackup, Act("cleanup"), Cancel);

        Assert.Equal(["dead-1", "dead-2"], report.Cleaned.Select(task => task.Id));
        Assert.All(
            report.Cleaned,
            task => Assert.Equal((QueueTaskStatus.Failed, CleanUpStuckTask.Message), (Found(task.Id).Status, Found(task.Id).ErrorMessage)));
        Assert.Equal(QueueTaskStatus.Running, Found("young").Status);
        Assert.Equal((3, 1), (report.Before["running"], report.After!["running"]));
        Assert.Equal(2, report.After["failed"]);
        Assert.Equal(["cleanup", "cleanup"], Events().Select(logged => logged.Kind));
        using var backup = Storage.TaskStores.Open(report.BackupPath!, new Storage.StoreOptions());
        Assert.Equal(3, backup.CountByStatus(Cancel)["running"]);
    }

    [Fact]
    public void A_requeueing_cleanup_puts_tasks_back_to_pending_as_a_recovery()
    {
        Enqueue("a");
        var token = ClaimOne().ClaimToken!.Value;
        Time.Advance(TimeSpan.FromHours(2));
        var cleanup = new StuckTaskCleanup(Store);
        var plan = cleanup.Plan(new StuckPolicy { Requeue = true }, Cancel);

        cleanup.Apply(plan, plan.Stuck, null, Act("cleanup"), Cancel);

        Assert.Equal((QueueTaskStatus.Pending, 1, 0), (Found("a").Status, Found("a").Recoveries, Found("a").RetryCount));
        Assert.Equal(TaskOutcomeKind.Superseded, Change(new CompleteTask("a", token)).Kind);
        Assert.Equal("a", ClaimOne().Id);
    }

    [Fact]
    public void Whatever_changed_after_it_was_judged_is_left_alone_and_listed()
    {
        Enqueue("completed", "renewed", "reclaimed", "removed", "dead");
        var tokens = Claim(5).ToDictionary(task => task.Id, task => task.ClaimToken!.Value);
        Time.Advance(TimeSpan.FromHours(2));
        var cleanup = new StuckTaskCleanup(Store);
        var plan = cleanup.Plan(new StuckPolicy(), Cancel);
        Change(new CompleteTask("completed", tokens["completed"], "[1]"));
        Change(new HeartbeatTask("renewed", tokens["renewed"], TimeSpan.FromMinutes(1)));
        Change(new ReleaseTask("reclaimed", tokens["reclaimed"]));
        ClaimOne();
        Change(new RemoveTask("removed", Force: true));
        var before = ReadAll().Where(task => task.Id != "dead").Select(Shown).ToList();

        var report = cleanup.Apply(plan, plan.Stuck, null, Act("cleanup"), Cancel);

        Assert.Equal(["dead"], report.Cleaned.Select(task => task.Id));
        Assert.Equal(["completed", "renewed", "reclaimed", "removed"], report.Skipped.Select(task => task.Id));
        Assert.All(report.Skipped, task => Assert.StartsWith("changed since it was judged", task.SkipReason, StringComparison.Ordinal));
        Assert.Equal(before, ReadAll().Where(task => task.Id != "dead").Select(Shown));
    }

    [Fact]
    public void A_backup_that_fails_stops_the_cleanup_before_any_change()
    {
        Enqueue("a");
        ClaimOne();
        Time.Advance(TimeSpan.FromHours(2));
        var before = Shown(Found("a"));
        var cleanup = new StuckTaskCleanup(Store);
        var plan = cleanup.Plan(new StuckPolicy(), Cancel);

        Assert.Throws<TaskValidationException>(() => cleanup.Apply(
            plan, plan.Stuck, () => Store.Backup(new BackupRequest(Folder["no such folder/backup.db"]), Cancel), Act("cleanup"), Cancel));

        Assert.Equal(before, Shown(Found("a")));
        Assert.Empty(Events());
    }

    [Fact]
    public void Nothing_stuck_means_no_backup_and_no_entry_in_the_log()
    {
        Enqueue("a");
        ClaimOne();
        var cleanup = new StuckTaskCleanup(Store);
        var plan = cleanup.Plan(new StuckPolicy(), Cancel);

        var report = cleanup.Apply(
            plan, plan.Stuck, () => throw new InvalidOperationException("A backup was made."), Act("cleanup"), Cancel);

        Assert.Null(report.Backup);
        Assert.Null(report.OperationId);
        Assert.Equal(0, Count("operation"));
    }

    [Fact]
    public void A_plan_changes_nothing()
    {
        Enqueue("a", "b");
        ClaimOne();
        Time.Advance(TimeSpan.FromHours(2));
        var before = ReadAll().Select(Shown).ToList();

        StuckTaskCleanup.ReportPlanOnly(new StuckTaskCleanup(Store).Plan(new StuckPolicy(), Cancel));

        Assert.Equal(before, ReadAll().Select(Shown));
        Assert.Equal(0, Count("operation"));
    }

    [Fact]
    public void A_queue_is_measured_by_status_age_and_times()
    {
        Store.Enqueue([NewTask("waits"), NewTask("later") with { Delay = TimeSpan.FromDays(1) }, NewTask("other", "other")], Cancel);
        Time.Advance(TimeSpan.FromMinutes(10));
        var other = ClaimOne("other");
        Time.Advance(TimeSpan.FromMinutes(5));
        Change(new CompleteTask("other", other.ClaimToken!.Value));
        ClaimOne();
        Time.Advance(TimeSpan.FromMinutes(1));
        Enqueue("new");

        var all = QueueMeasure.Of(Store, null, null, TimeSpan.FromHours(1), Cancel);
        var work = QueueMeasure.Of(Store, "work", task => task.Type == "work", null, Cancel);

        Assert.Equal((2L, 1L, 1L, 4L), (all.Pending, all.Running, all.Success, all.Total));
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromMinutes(1)), (all.OldestWaiting, all.OldestRunning));
        Assert.Equal((TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(5)), (all.WaitingTime!.P50, all.RunningTime!.P50));
        Assert.Equal(1d, all.FinishedPerHour);
        Assert.Equal((3L, 0L), (work.Total, work.Success));
    }

    [Fact]
    public void What_was_stopped_or_failed_teaches_nothing_of_running_times()
    {
        Enqueue("good", "stopped", "failed", "retried");
        var claimed = Claim(4);
        Time.Advance(TimeSpan.FromMinutes(5));
        Change(new CompleteTask("good", claimed[0].ClaimToken!.Value));
        Time.Advance(TimeSpan.FromDays(349));
        Change(new ForceCancelTask("stopped"));
        Change(new FailTask("failed", claimed[2].ClaimToken!.Value, "disk full", TimeSpan.Zero, DoNotRetry: true));
        Change(new FailTask("retried", claimed[3].ClaimToken!.Value, "disk full", TimeSpan.Zero));

        var measured = QueueMeasure.Of(Store, null, null, null, Cancel);

        Assert.Equal((1L, 2L, 1L), (measured.Success, measured.Failed, measured.Retry));
        var times = new Percentiles(1, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));
        Assert.Equal(times, measured.RunningTime);
        Assert.Equal(times, Assert.Single(measured.Types).RunningTime);
    }

    [Fact]
    public void A_history_that_cannot_be_read_takes_the_result_of_a_copy_or_a_restore_away_no_more()
    {
        Enqueue("a", "b");
        Change(new CancelTask("a"));
        var made = Store.Backup(new BackupRequest(Folder["backup.db"]), Cancel);
        using (var damaged = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={made.Path};Pooling=False"))
        {
            damaged.Open();
            using var command = damaged.CreateCommand();
            command.CommandText = "DROP TABLE event";
            command.ExecuteNonQuery();
        }

        using var backup = Storage.TaskStores.Open(made.Path, new Storage.StoreOptions());
        Enqueue("c");
        var afterwards = new AfterCommit();

        Assert.Equal(2, QueueTransfer.Restore(backup, Store, RunningTasks.Requeue, Act("restore"), afterwards, Cancel));
        var copied = QueueTransfer.Copy(
            backup, Opened("copy"), RunningTasks.Requeue, Act("copy"), (_, error) => throw error, _ => { }, Cancel);

        Assert.Equal(["a", "b"], ReadIds(new TaskQuery()));
        Assert.StartsWith(
            "What only the backup's history knows could not be taken over: ", Assert.Single(afterwards.Warnings), StringComparison.Ordinal);
        Assert.Equal((2, 0), (copied.Added, copied.Events));
        Assert.StartsWith("The history could not be copied; ", Assert.Single(copied.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Backups_that_want_the_same_made_up_name_at_the_same_time_each_get_one_of_their_own()
    {
        Enqueue("a");
        var request = new BackupRequest(Folder["queue_backup_20260301_120000.db"], IsNumbered: true);

        var made = new BackupResult[6];
        Parallel.For(
            0, made.Length, new ParallelOptions { MaxDegreeOfParallelism = made.Length },
            index => made[index] = Store.Backup(request, Cancel));

        Assert.Equal(
            ["queue_backup_20260301_120000.db", .. Enumerable.Range(2, 5).Select(number => $"queue_backup_20260301_120000_{number}.db")],
            made.Select(backup => Path.GetFileName(backup.Path)).Order(StringComparer.Ordinal));
        Assert.All(made, backup => Assert.Equal((1, new FileInfo(backup.Path).Length), (backup.Tasks, backup.Bytes)));
    }

    [Fact]
    public void Of_backups_that_want_the_same_given_name_at_the_same_time_one_gets_it_and_the_others_are_refused()
    {
        Enqueue("a");
        var request = new BackupRequest(Folder["mine.db"]);

        var errors = new Exception?[6];
        Parallel.For(
            0, errors.Length, new ParallelOptions { MaxDegreeOfParallelism = errors.Length },
            index => errors[index] = Record.Exception(() => Store.Backup(request, Cancel)));

        Assert.Single(errors, error => error is null);
        Assert.All(
            errors.OfType<Exception>(),
            error => Assert.Contains("is there already", Assert.IsType<TaskValidationException>(error).Message, StringComparison.Ordinal));
        Assert.Single(Directory.GetFiles(Folder.Path, "mine*"));
    }

    [Fact]
    public void A_copy_can_be_repeated_and_brings_over_only_what_changed()
    {
        EnqueueMany();
        var running = ClaimOne();
        var target = Opened("copy");
        var first = Copy(target);
        Change(new CompleteTask(running.Id, running.ClaimToken!.Value, "[1]"));
        Enqueue("added");
        target.Change([new CancelTask("task-0007")], Act("cancel"), Cancel);
        Change(new CancelTask("task-0007"));

        var second = Copy(target);
        var third = Copy(target);

        Assert.Equal((ManyTasks, 0L, 0L, 0L), (first.Added, first.Updated, first.Unchanged, first.Skipped));
        Assert.Equal((1L, 1L, ManyTasks - 2, 1L), (second.Added, second.Updated, second.Unchanged, second.Skipped));
        Assert.Equal((0L, 0L, ManyTasks, 1L), (third.Added, third.Updated, third.Unchanged, third.Skipped));
        Assert.Equal(ReadIds(new TaskQuery()), target.Read(new TaskQuery(), Cancel).Select(task => task.Id));
        Assert.Equal("[1]", target.Find(running.Id, Cancel)!.ResultJson);
    }

    [Fact]
    public void A_restored_backup_holds_the_tasks_of_the_backup_without_live_claims()
    {
        Enqueue("a", "b");
        var claimed = ClaimOne();
        var made = Store.Backup(new BackupRequest(Folder["backup.db"]), Cancel);
        Enqueue("c");
        using var backup = Storage.TaskStores.Open(made.Path, new Storage.StoreOptions());

        Assert.Equal(2, QueueTransfer.Restore(backup, Store, RunningTasks.Requeue, Act("restore"), new AfterCommit(), Cancel));

        Assert.Equal(["a", "b"], ReadIds(new TaskQuery()));
        Assert.Equal(QueueTaskStatus.Pending, Found("a").Status);
        Assert.Equal(TaskOutcomeKind.Superseded, Change(new CompleteTask("a", claimed.ClaimToken!.Value)).Kind);
    }

    private CopyResult Copy(ITaskStore target) => QueueTransfer.Copy(
        Store, target, RunningTasks.Requeue, Act("copy"), (task, error) => Assert.Fail($"{task}: {error.Message}"), _ => { }, Cancel);

    private BackupResult MakeBackup() => Store.Backup(new BackupRequest(Folder["backup.db"], IsAutomatic: true), Cancel);

    private List<QueueTask> ReadAll() => [.. Store.Read(new TaskQuery(), Cancel)];
}
