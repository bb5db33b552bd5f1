using Xunit;

namespace TaskQueue.Tests;

/// <summary>What each operator change sets beside the status, and what it leaves alone.</summary>
public sealed class OperatorChangeTests
{
    private const string Id = "render-881";

    [Theory]
    [InlineData(QueueTaskStatus.Pending)]
    [InlineData(QueueTaskStatus.Retry)]
    public void A_cancelled_task_is_completed_now_and_keeps_all_else(QueueTaskStatus from)
    {
        var before = TestTask.In(from);

        var transition = new CancelTask(Id).Apply(before, TestTask.Now);

        Assert.Equal(Entered(before, QueueTaskStatus.Cancelled) with { CompletedAt = TestTask.Now }, transition.After);
        Assert.Equal("cancel", transition.EventKind);
    }

    [Theory]
    [InlineData(QueueTaskStatus.Pending)]
    [InlineData(QueueTaskStatus.Retry)]
    [InlineData(QueueTaskStatus.Running)]
    public void A_force_cancelled_task_has_the_originals_message_and_no_claim(QueueTaskStatus from)
    {
        var before = TestTask.In(from);

        var transition = new ForceCancelTask(Id).Apply(before, TestTask.Now);

        var expected = Entered(before, QueueTaskStatus.Failed) with
        {
            ErrorMessage = "Force cancelled by user",
            CompletedAt = TestTask.Now,
            ClaimToken = null,
            LeaseExpiresAt = null,
        };
        Assert.Equal(expected, transition.After);
        Assert.Equal("force cancel", transition.EventKind);
    }

    [Theory]
    [InlineData(QueueTaskStatus.Success)]
    [InlineData(QueueTaskStatus.Failed)]
    [InlineData(QueueTaskStatus.Cancelled)]
    public void A_restarted_task_has_a_clean_slate_and_its_old_attempt_number(QueueTaskStatus from)
    {
        var before = TestTask.In(from);

        var transition = new RestartTask(Id).Apply(before, TestTask.Now);

        var expected = Entered(before, QueueTaskStatus.Pending) with
        {
            RetryCount = 0,
            Recoveries = 0,
            RecoveryHistory = default,
            Gate = TaskGate.Open,
            DueAt = TestTask.Now,
            ErrorMessage = null,
            ResultJson = null,
            CompletedAt = null,
            ClaimToken = null,
            StartedAt = null,
            HeartbeatAt = null,
            Progress = null,
            ProgressMessage = null,
        };
        Assert.Equal(expected, transition.After);
        Assert.Equal(before.Attempt, transition.After!.Attempt);
        Assert.Equal("restart", transition.EventKind);
    }

    [Fact]
    public void A_delayed_restart_is_due_after_the_delay()
    {
        var after = new RestartTask(Id, Delay: TimeSpan.FromMinutes(10)).Apply(TestTask.In(QueueTaskStatus.Failed), TestTask.Now).After;

        Assert.Equal((TaskGate.NotDue, TestTask.Now.AddMinutes(10)), (after?.Gate, after?.DueAt));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_removed_task_goes_to_the_trash_unless_that_is_waived(bool keepForUndo)
    {
        var transition = new RemoveTask(Id, KeepForUndo: keepForUndo).Apply(TestTask.In(QueueTaskStatus.Success), TestTask.Now);

        Assert.True(transition.Removes);
        Assert.Equal(keepForUndo, transition.KeepsForUndo);
        Assert.Equal("remove", transition.EventKind);
    }

    [Theory]
    [InlineData(QueueTaskStatus.Pending)]
    [InlineData(QueueTaskStatus.Retry)]
    public void Setting_a_task_changes_the_given_fields_and_not_its_age(QueueTaskStatus from)
    {
        var before = TestTask.In(from);
        var due = TestTask.Now.AddDays(1);

        var all = new SetTask(Id) { Priority = 1, DueAt = due, MaxRetries = 0, DataJson = "2" }.Apply(before, TestTask.Now);
        var none = new SetTask(Id).Apply(before, TestTask.Now);

        Assert.Equal(before with { Priority = 1, Gate = TaskGate.NotDue, DueAt = due, MaxRetries = 0, DataJson = "2" }, all.After);
        Assert.Equal(before, none.After);
        Assert.Equal("set", all.EventKind);
    }

    [Fact]
    public void Setting_a_value_no_task_may_have_is_refused()
    {
        Assert.Throws<TaskValidationException>(new SetTask(Id) { Priority = 11 }.Validate);
        Assert.Throws<TaskValidationException>(new SetTask(Id) { MaxRetries = -1 }.Validate);
        Assert.Throws<TaskValidationException>(new SetTask(Id) { DataJson = "{" }.Validate);
        new SetTask(Id) { Priority = 10, MaxRetries = 0, DataJson = "{}" }.Validate();
        new SetTask(Id).Validate();
    }

    public static TheoryData<Func<string?, TaskChange>, QueueTaskStatus> WithRevision() => new()
    {
        { revision => new CancelTask(Id, revision), QueueTaskStatus.Pending },
        { revision => new ForceCancelTask(Id, revision), QueueTaskStatus.Running },
        { revision => new RestartTask(Id, revision), QueueTaskStatus.Failed },
        { revision => new RemoveTask(Id, revision), QueueTaskStatus.Success },
        { revision => new SetTask(Id, revision), QueueTaskStatus.Retry },
    };

    [Theory]
    [MemberData(nameof(WithRevision), DisableDiscoveryEnumeration = true)]
    public void A_task_changed_since_it_was_read_is_left_alone(Func<string?, TaskChange> change, QueueTaskStatus from)
    {
        var before = TestTask.In(from);

        Assert.Equal(Transition.Refused(TaskOutcomeKind.Superseded), change("6").Apply(before, TestTask.Now));
        Assert.Equal(TaskOutcomeKind.Applied, change("7").Apply(before, TestTask.Now).Outcome);
    }

    [Theory]
    [MemberData(nameof(WithRevision), DisableDiscoveryEnumeration = true)]
    public void From_a_bare_id_only_the_status_is_checked(Func<string?, TaskChange> change, QueueTaskStatus from)
    {
        Assert.Equal(TaskOutcomeKind.Applied, change(null).Apply(TestTask.In(from) with { Revision = "8" }, TestTask.Now).Outcome);
    }

    [Fact]
    public void A_wrong_status_is_named_before_a_changed_revision()
    {
        var outcome = new CancelTask(Id, "6").Apply(TestTask.In(QueueTaskStatus.Running), TestTask.Now).Outcome;

        Assert.Equal(TaskOutcomeKind.WrongStatus, outcome);
    }

    private static QueueTask Entered(QueueTask before, QueueTaskStatus status) => before with
    {
        Status = status,
        StatusText = status.ToText(),
        Gate = null,
        StateSince = TestTask.Now,
        Age = TimeSpan.Zero,
        Verdict = null,
        Evidence = null,
    };
}
