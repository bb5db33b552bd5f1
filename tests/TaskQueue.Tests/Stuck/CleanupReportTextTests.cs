using CsCheck;
using Xunit;

namespace TaskQueue.Tests;

/// <summary>The report as people read it.</summary>
public sealed class CleanupReportTextTests
{
    private static readonly IReadOnlyDictionary<string, long> Before = Counts(("failed", 6), ("running", 8), ("success", 41));

    private static readonly CleanupResult Plan = new()
    {
        Queue = "./task_queue.db",
        JudgedAt = TestTask.Now,
        IsPlanOnly = true,
        MaxAge = TimeSpan.FromHours(1),
        Requeue = false,
        Found = Tasks(8, 66.8, StuckVerdict.Silent, null),
        Stuck = Tasks(7, 66.8, StuckVerdict.Silent, null),
        Cleaned = [],
        Skipped = Tasks(1, 0.4, StuckVerdict.Healthy, "younger than 1h"),
        Before = Before,
    };

    [Fact]
    public void A_plan_says_that_nothing_was_changed_and_what_would_be()
    {
        Expect(Plan, """
            Stuck task cleanup, plan only: nothing was changed

              found      8 running
              stuck      7 (limit 1h)            would become failed
                         7 Silent                task-0: no heartbeat data
              skipped    1 younger than 1h       0.4h Healthy
            """);
    }

    [Fact]
    public void A_plan_to_requeue_says_pending()
    {
        Assert.Contains("would become pending", TextOf(Plan with { Requeue = true }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cleanup_names_its_time_its_backup_the_way_back_and_the_counts()
    {
        var report = Plan with
        {
            IsPlanOnly = false,
            Cleaned = Plan.Stuck,
            Backup = new BackupResult("/q/task_queue_backup_20251219_165456.db", "./task_queue.db", 96_256, 55, TimeSpan.Zero),
            OperationId = Guid.Parse("0193f2c1-0000-7000-8000-000000000000"),
            After = Counts(("failed", 13), ("running", 1), ("success", 41)),
        };

        Expect(report, $"""
            Stuck task cleanup  {TestTask.Now.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz}

              found      8 running
              stuck      7 (limit 1h)            7 stopped, now failed
                         7 Silent                task-0: no heartbeat data
              skipped    1 younger than 1h       0.4h Healthy
              backup     task_queue_backup_20251219_165456.db 94 KB, verified
              undo       Undo-QueueOperation 0193f2c1-0000

              Status      Before     After
              failed           6        13
              running          8         1
              success         41        41
              total           55        55
            """);
    }

    [Fact]
    public void A_requeue_names_pending_though_no_task_was_there_before()
    {
        var report = Plan with { IsPlanOnly = false, Requeue = true, Cleaned = Plan.Stuck, After = Counts(("pending", 7), ("running", 1)) };

        var text = TextOf(report);

        Assert.Contains("7 stopped, now pending", text, StringComparison.Ordinal);
        Assert.Contains("  pending          0         7", text, StringComparison.Ordinal);
        Assert.Contains("  success         41         0", text, StringComparison.Ordinal);
    }

    [Fact]
    public void With_nothing_to_do_there_is_no_word_of_stopping_backup_or_undo()
    {
        var report = Plan with
        {
            IsPlanOnly = false, Found = [], Stuck = [], Skipped = [], Before = Counts(("success", 41)), After = Counts(("success", 41)),
        };

        Expect(report, $"""
            Stuck task cleanup  {TestTask.Now.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz}

              found      0 running
              stuck      0 (limit 1h)

              Status      Before     After
              success         41        41
              total           41        41
            """);
    }

    [Fact]
    public void Skipped_tasks_are_listed_by_reason_and_at_most_five_each()
    {
        var report = Plan with
        {
            Skipped =
            [
                .. Tasks(6, 0.4, StuckVerdict.Healthy, "younger than 1h"),
                .. Tasks(1, 2.2, StuckVerdict.Slow, "its worker lives: only with -IncludeLive"),
                .. Tasks(1, null, StuckVerdict.Dead, "age unknown: no time of its row can be read"),
            ],
        };

        Expect(report, """
            Stuck task cleanup, plan only: nothing was changed

              found      8 running
              stuck      7 (limit 1h)            would become failed
                         7 Silent                task-0: no heartbeat data
              skipped    6 younger than 1h
                         0.4h Healthy, 0.4h Healthy, 0.4h Healthy, 0.4h Healthy, 0.4h Healthy, …
              skipped    1 its worker lives: only with -IncludeLive task-0 (2.2h Slow)
              skipped    1 age unknown: no time of its row can be read task-0
            """);
    }

    [Fact]
    public void Stuck_tasks_are_grouped_by_verdict_each_with_the_evidence_of_the_oldest()
    {
        var report = Plan with
        {
            Stuck =
            [
                .. Tasks(2, 5.3, StuckVerdict.Silent, null),
                Tasks(1, 66.8, StuckVerdict.Silent, null)[0] with { Id = "oldest", Evidence = "no heartbeat data; running 66.8 h" },
                Tasks(1, 3.1, StuckVerdict.Dead, null)[0] with
                {
                    Id = "nightly-import", Evidence = "worker web01:4711 is gone: no such process; running 3.1 h",
                },
            ],
        };

        Expect(report, """
            Stuck task cleanup, plan only: nothing was changed

              found      8 running
              stuck      4 (limit 1h)            would become failed
                         1 Dead
                         nightly-import: worker web01:4711 is gone: no such process; running 3.1 h
                         3 Silent                oldest: no heartbeat data; running 66.8 h
              skipped    1 younger than 1h       0.4h Healthy
            """);
    }

    [Fact]
    public void A_task_started_in_the_future_is_shown_as_such()
    {
        var report = Plan with { Skipped = Tasks(1, -0.5, StuckVerdict.Healthy, "younger than 1h") };

        Assert.Contains("-0.5h Healthy", TextOf(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_word_goes_on_in_the_next_line()
    {
        var id = "publish_batch_" + new string('x', 200) + "_1734682941926";
        var skipped = Tasks(1, null, StuckVerdict.Dead, "age unknown: no time of its row can be read")[0] with { Id = id };

        var text = TextOf(Plan with { Skipped = [skipped] });

        Assert.Contains(id, string.Concat(text.Split('\n').Select(line => line.Trim())), StringComparison.Ordinal);
    }

    [Fact]
    public void No_line_is_wider_than_a_hundred_columns()
    {
        var word = Gen.Char['a', 'z'].Array[1, 300].Select(letters => new string(letters));
        var task = Gen.Select(word, Gen.Double[-1e5, 1e5], Gen.Bool, word, (id, hours, hasAge, reason) =>
            Tasks(1, hasAge ? hours : null, StuckVerdict.Healthy, reason.Length % 2 == 0 ? "younger than 1h" : reason)[0] with { Id = id });
        Gen.Select(task.Array[0, 12], word, word, word.Array[0, 30]).Sample((skipped, file, status, remark) =>
        {
            var report = Plan with
            {
                Skipped = skipped,
                Backup = new BackupResult($"/q/{file}.db", "./task_queue.db", long.MaxValue, 1, TimeSpan.Zero),
                Remarks = [string.Join(' ', remark)],
                After = Counts((status, 1_000_000)),
            };

            Assert.All(TextOf(report).Split('\n'), line => Assert.InRange(line.TrimEnd('\r').Length, 0, 100));
        });
    }

    private static string TextOf(CleanupResult result) => new CleanupReport(result).ToString();

    private static void Expect(CleanupResult report, string text) =>
        Assert.Equal(text.ReplaceLineEndings("\n"), TextOf(report).ReplaceLineEndings("\n"));

    private static Dictionary<string, long> Counts(params (string Status, long Count)[] counts) =>
        counts.ToDictionary(pair => pair.Status, pair => pair.Count);

    private static List<StuckTask> Tasks(int count, double? hours, StuckVerdict verdict, string? skipReason) =>
    [
        .. Enumerable.Range(0, count).Select(number => new StuckTask
        {
            Id = $"task-{number}",
            Type = "publish",
            Queue = "./task_queue.db",
            Age = hours is { } known ? TimeSpan.FromHours(known) : null,
            Verdict = verdict,
            Evidence = "no heartbeat data",
            IsOldEnough = skipReason is null,
            Revision = "1",
            SkipReason = skipReason,
        }),
    ];
}
