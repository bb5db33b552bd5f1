using Xunit;

namespace TaskQueue.Tests;

/// <summary>The transition table of the design, cell by cell.</summary>
public sealed class TransitionTableTests
{
    // A status: Applied and the task is in it. "same": Applied, and nothing was to be done. "wrong": WrongStatus. "late": Superseded.
    // "gone": Applied and the row is removed.
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
        due                same       same       wrong      wrong      wrong      wrong      wrong
        undo               cancelled  cancelled  cancelled  cancelled  cancelled  cancelled  cancelled
        undo-to-pending    pending    pending    pending    pending    pending    pending    pending
        """;

    // What else each cell of the table does. e: the log gets an event. u: an undo takes it back. w: the worker is told that its claim has
    // ended. r: the worker learns it from the refusal. n: those who watch the queue are woken. o, d: the task waits, open to a claim or for
    // its time.
    private const string Effects = """
        change             pending    retry      running    success    failed     cancelled  unknown
        cancel             eun        eun        -          -          -          -          -
        force-cancel       eun        eun        euwn       -          -          -          -
        cleanup            -          -          euwn       -          -          -          -
        cleanup-requeue    -          -          euwno      -          -          -          -
        restart            -          -          -          euno       euno       euno       -
        retry              -          -          -          -          euno       -          -
        remove             eun        eun        -          eun        eun        eun        -
        remove-force       eun        eun        euwn       eun        eun        eun        -
        set                euno       euno       -          -          -          -          -
        claim              n          n          -          -          -          -          -
        complete           er         er         -          er         er         er         er
        fail               er         er         ed         er         er         er         er
        fail-no-retry      er         er         e          er         er         er         er
        release            r          r          no         r          r          r          r
        heartbeat          -          -          -          -          -          -          -
        recover            -          -          ewno       -          -          -          -
        recover-no-budget  -          -          ewn        -          -          -          -
        bring-back         -          -          -          -          -          -          -
        due                -          -          -          -          -          -          -
        undo               eun        eun        euwn       eun        eun        eun        eun
        undo-to-pending    euno       euno       euwno      euno       euno       euno       euno
        """;

    public static TheoryData<string, QueueTaskStatus, string> Cells() => CellsOf(Table);

    public static TheoryData<string, QueueTaskStatus, string> EffectCells() => CellsOf(Effects);

    private static TheoryData<string, QueueTaskStatus, string> CellsOf(string table)
    {
        var rows = table.Split('\n', StringSplitOptions.RemoveEmptyEntries)
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
    public void Every_change_does_to_every_status_what_the_table_says(string change, QueueTaskStatus from, string expected) =>
        Assert.Equal(expected, Describe(ChangeNamed(change).Apply(Before(from), TestTask.Now)));

    [Theory]
    [MemberData(nameof(EffectCells))]
    public void Every_change_has_on_every_status_the_effects_that_the_table_says(string change, QueueTaskStatus from, string expected)
    {
        var transition = ChangeNamed(change).Apply(Before(from), TestTask.Now);

        Assert.Equal(expected, DescribeEffects(transition));
        Assert.Equal(expected.Contains('w', StringComparison.Ordinal) ? TestTask.Token : null, transition.EndedClaim);
        Assert.Equal(expected.Contains('r', StringComparison.Ordinal) ? TestTask.Token : null, transition.RefusedClaim);
    }

    [Fact]
    public void Of_a_task_that_is_gone_a_late_result_is_kept_and_its_worker_knows()
    {
        string[] changes = ["complete", "fail", "release", "heartbeat", "cancel", "recover"];

        Assert.Equal(["er", "er", "r", "-", "-", "-"], changes.Select(change => DescribeEffects(ChangeNamed(change).ApplyToMissing())));
    }

    [Fact]
    public void The_table_covers_every_status_and_every_change()
    {
        Assert.Equal(Cells().Select(Place), EffectCells().Select(Place));
        var cells = Cells().Select(cell => cell.Data).ToList();
        var changes = cells.Select(cell => ChangeNamed(cell.Item1).GetType()).Distinct();
        var all = typeof(TaskChange).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(TaskChange)) && !type.IsAbstract);

        Assert.Equal(Enum.GetValues<QueueTaskStatus>().Order(), cells.Select(cell => cell.Item2).Distinct().Order());
        Assert.Equal(all.Select(type => type.Name).Order(), changes.Select(type => type.Name).Order());

        static (string Change, QueueTaskStatus From) Place(TheoryDataRow<string, QueueTaskStatus, string> cell) =>
            (cell.Data.Item1, cell.Data.Item2);
    }

    // The token the worker changes carry is that of the running task's claim; elsewhere another claim came after it.
    private static QueueTask Before(QueueTaskStatus from) =>
        from is QueueTaskStatus.Running ? TestTask.In(from) : TestTask.In(from) with { ClaimToken = TestTask.OtherToken };

    private static string DescribeEffects(Transition transition)
    {
        var effects = string.Concat(
            transition.EventKind is null ? "" : "e",
            transition.IsUndoable ? "u" : "",
            transition.EndedClaim is null ? "" : "w",
            transition.RefusedClaim is null ? "" : "r",
            transition.IsNews ? "n" : "",
            transition.After?.Gate switch
            {
                null => "",
                TaskGate.Open => "o",
                TaskGate.NotDue => "d",
                { } other => $"{other}",
            });
        return effects.Length == 0 ? "-" : effects;
    }

    private static string Describe(Transition transition) => transition switch
    {
        { Outcome: TaskOutcomeKind.WrongStatus, After: null, Removes: false } => "wrong",
        { Outcome: TaskOutcomeKind.Superseded, After: null, Removes: false } => "late",
        { Outcome: TaskOutcomeKind.Applied, After: null, Removes: true } => "gone",
        { Outcome: TaskOutcomeKind.Applied, After: null, Removes: false } => "same",
        { Outcome: TaskOutcomeKind.Applied, After: { } after, Removes: false } when after.StatusText == after.Status.ToText() =>
            after.StatusText,
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
            "due" => new MakeTaskDue(id),
            "undo" => new UndoTask(id, TestTask.In(QueueTaskStatus.Cancelled), null),
            "undo-to-pending" => new UndoTask(id, TestTask.In(QueueTaskStatus.Pending), null),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, null),
        };
    }
}
