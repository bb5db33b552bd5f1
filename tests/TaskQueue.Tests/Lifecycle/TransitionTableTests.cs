using Xunit;

namespace TaskQueue.Tests;

/// <summary>The transition table of the design, cell by cell.</summary>
public sealed class TransitionTableTests
{
    // A status: Applied and the task is in it. "same": Applied, and nothing was to be done. "wrong": WrongStatus. "late": Superseded. "gone": Applied and the row is removed.
    private const string Table = """
        change             pending    retry      running    success    failed     cancelled  unknown
        cancel             cancelled  cancelled  wrong      wrong      wrong      wrong      wrong
        force-cancel       failed     failed     failed     wrong      wrong      wrong      wrong
        cleanup            wrong      wrong      failed     wrong      wrong      wrong      wrong
        cleanup-requeue    wrong      wrong      pending    wrong      wrong      wrong      wrong
        restart            wrong      wrong      wrong      pending    pending    pending    wrong
        retry              same       same       wrong      wrong      pending    wrong      wrong
        remove             gone       gone       wrong      gone       gone       gone       wrong
        remove-force       gone       gone       gone       gone       gone       gone       wrong
        set                pending    retry      wrong      wrong      wrong      wrong      wrong
        claim              running    running    wrong      wrong      wrong      wrong      wrong
        complete           late       late       success    late       late       late       late
        fail               late       late       retry      late       late       late       late
        fail-no-retry      late       late       failed     late       late       late       late
        release            late       late       pending    late       late       late       late
        heartbeat          late       late       running    late       late       late       late
        recover            wrong      wrong      retry      wrong      wrong      wrong      wrong
        recover-no-budget  wrong      wrong      failed     wrong      wrong      wrong      wrong
        bring-back         wrong      late       wrong      wrong      wrong      wrong      wrong
        """;

    public static TheoryData<string, QueueTaskStatus, string> Cells()
    {
        var rows = Table.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .ToList();
        var cells = new TheoryData<string, QueueTaskStatus, string>();
        foreach (var row in rows.Skip(1))
        {
            for (var column = 1; column < row.Length; column++)
            {
                cells.Add(row[0], StatusNames.Parse(rows[0][column]), row[column]);
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_change_does_to_every_status_what_the_table_says(string change, QueueTaskStatus from, string expected)
    {
        // The token the worker changes carry is that of the running task's claim; elsewhere another claim came after it.
        var before = from is QueueTaskStatus.Running ? TestTask.In(from) : TestTask.In(from) with { ClaimToken = TestTask.OtherToken };

        var transition = ChangeNamed(change).Apply(before, TestTask.Now);

        Assert.Equal(expected, Describe(transition));
    }

    [Fact]
    public void The_table_covers_every_status_and_every_change()
    {
        var cells = Cells().Select(cell => cell.Data).ToList();
        var changes = cells.Select(cell => ChangeNamed(cell.Item1).GetType()).Distinct();
        var all = typeof(TaskChange).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(TaskChange)) && !type.IsAbstract);

        Assert.Equal(Enum.GetValues<QueueTaskStatus>().Order(), cells.Select(cell => cell.Item2).Distinct().Order());
        Assert.Equal(all.Select(type => type.Name).Order(), changes.Select(type => type.Name).Order());
    }

    private static string Describe(Transition transition) => transition switch
    {
        { Outcome: TaskOutcomeKind.WrongStatus, After: null, Removes: false } => "wrong",
        { Outcome: TaskOutcomeKind.Superseded, After: null, Removes: false } => "late",
        { Outcome: TaskOutcomeKind.Applied, After: null, Removes: true } => "gone",
        { Outcome: TaskOutcomeKind.Applied, After: null, Removes: false } => "same",
        { Outcome: TaskOutcomeKind.Applied, After: { } after, Removes: false } when after.StatusText == after.Status.ToText() => after.StatusText,
        _ => transition.ToString(),
    };

    internal static TaskChange ChangeNamed(string change)
    {
        var id = TestTask.In(QueueTaskStatus.Running).Id;
        var judged = TestTask.Judged(TestTask.In(QueueTaskStatus.Running));
        return change switch
        {
            "cancel" => new CancelTask(id),
            "force-cancel" => new ForceCancelTask(id),
            "cleanup" => new CleanUpStuckTask(judged, Requeue: false),
            "cleanup-requeue" => new CleanUpStuckTask(judged, Requeue: true),
            "restart" => new RestartTask(id),
            "retry" => new RetryTask(id),
            "remove" => new RemoveTask(id),
            "remove-force" => new RemoveTask(id, Force: true),
            "set" => new SetTask(id) { Priority = 1 },
            "claim" => new ClaimTask(id, Guid.NewGuid(), "web02:9120", TimeSpan.FromMinutes(1)),
            "complete" => new CompleteTask(id, TestTask.Token, "1"),
            "fail" => new FailTask(id, TestTask.Token, "disk full", TimeSpan.FromSeconds(30)),
            "fail-no-retry" => new FailTask(id, TestTask.Token, "disk full", TimeSpan.FromSeconds(30), DoNotRetry: true),
            "release" => new ReleaseTask(id, TestTask.Token),
            "heartbeat" => new HeartbeatTask(id, TestTask.Token, TimeSpan.FromMinutes(1)),
            "recover" => new RecoverTask(id, TestTask.Token, TestTask.Lease, Budget: 3),
            "recover-no-budget" => new RecoverTask(id, TestTask.Token, TestTask.Lease, Budget: 1),
            "bring-back" => new BringBackRetry(id, TimeSpan.FromHours(1)),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, null),
        };
    }
}
