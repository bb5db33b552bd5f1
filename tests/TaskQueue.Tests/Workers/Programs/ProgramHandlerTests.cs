using System.Text;
using System.Text.Json;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>What goes into a program and comes out of it. Real programs.</summary>
public sealed class ProgramHandlerTests : ProgramTestBase
{
    [Fact]
    public void The_task_is_read_as_one_line_of_JSON_and_what_is_written_is_the_result()
    {
        var task = Claimed with
        {
            Id = "grüße|\"1\"",
            DataJson = "{ \"text\": \"日本 \\n 🎉\",\n  \"list\": [1.50, 12345678901234567890, null] }",
            Timeout = TimeSpan.FromMinutes(1.5),
            RetryCount = 1,
        };

        var outcome = Run(task, ChildProcess.Program, "echo");

        Assert.True(outcome.IsSuccess, outcome.ErrorMessage);
        Assert.Equal(
            """{"id":"grüße|\"1\"","type":"render","data":{"text":"日本 \n 🎉","list":[1.50,12345678901234567890,null]},"priority":5,"attempt":2,"retryCount":1,"maxRetries":3,"recoveries":1,"createdAt":"2025-12-19T03:54:56Z","dueAt":"2025-12-19T03:54:56Z","startedAt":"2025-12-19T05:54:56Z","timeoutSeconds":90,"queue":"./task_queue.db"}""",
            Unescape(outcome.ResultJson!));
    }

    // The writer escapes what is beyond the basic plane; it is the same text.
    private static string Unescape(string json) => json.Replace("\\uD83C\\uDF89", "🎉", StringComparison.Ordinal);

    [Theory]
    [InlineData(null, JsonValueKind.Null)]
    [InlineData("no json", JsonValueKind.String)]
    [InlineData("\"half \\ud800\"", JsonValueKind.String)]
    [InlineData("\"half \ud800\"", JsonValueKind.String)]
    public void Data_that_is_no_JSON_reaches_the_program_as_text(string? data, JsonValueKind kind)
    {
        var outcome = Run(Claimed with { DataJson = data }, ChildProcess.Program, "echo");

        using var task = JsonDocument.Parse(outcome.ResultJson!);
        Assert.Equal(kind, task.RootElement.GetProperty("data").ValueKind);
    }

    [Fact]
    public void Arguments_reach_the_program_as_they_are_and_a_failure_tells_its_errors()
    {
        SkipOnWindows();
        var outcome = Run(Claimed, "/bin/sh", "-c", """printf '%s|' "$@" >&2; exit 3""", "name", "a b", "$(id)", "", "\"'; rm *", "ü");

        Assert.Equal("sh ended with exit code 3: a b|$(id)||\"'; rm *|ü|", outcome.ErrorMessage);
        Assert.False(outcome.IsSuccess || outcome.DoNotRetry);
    }

    [Theory]
    [InlineData("""printf '{"a":  1}\n'""", """{"a":  1}""")]
    [InlineData("printf '12'", "12")]
    [InlineData("printf 'two\nlines\n'", "\"two\\nlines\"")]
    [InlineData("printf 'say \"hi\" ü'", "\"say \\\"hi\\\" ü\"")]
    [InlineData("printf '\\357\\273\\277true'", "true")]
    [InlineData("printf 'a\\377b'", "\"a\uFFFDb\"")]
    [InlineData("printf '\n'", null)]
    [InlineData("true", null)]
    [InlineData("exec >&-; sleep 0.1", null)]
    [InlineData("exec <&-; echo 1", "1")]
    public void The_output_is_the_result(string script, string? result)
    {
        SkipOnWindows();
        var outcome = Shell(script);

        Assert.Equal((true, result), (outcome.IsSuccess, outcome.ResultJson));
    }

    [Theory]
    [InlineData("exit 7", "sh ended with exit code 7")]
    [InlineData("echo half a result; echo 'disk full' >&2; exit 1", "sh ended with exit code 1: disk full")]
    [InlineData("kill -9 $$", "sh ended with exit code 137 (signal 9)")]
    [InlineData("printf 'a\\377\\000b' >&2; exit 1", "sh ended with exit code 1: a\uFFFD\uFFFDb")]
    public void A_failure_tells_how_the_program_ended(string script, string message)
    {
        SkipOnWindows();
        var outcome = Shell(script);

        Assert.Equal((false, message, false), (outcome.IsSuccess, outcome.ErrorMessage, outcome.DoNotRetry));
    }

    [Fact]
    public void The_program_finds_the_claim_and_the_queue_in_its_environment_and_runs_where_it_was_told()
    {
        SkipOnWindows();
        using var folder = new TemporaryFolder();
        var handler = new ProgramHandler("sh", ["-c", """echo "$TASKQUEUE_TASK_ID $TASKQUEUE_CLAIM $TASKQUEUE $(pwd -P)" """], folder.Path);

        var outcome = handler.Run(new TaskExecution(Claimed));

        Assert.EndsWith($"{folder.Path} \"", outcome.ResultJson!.Replace("\"", " \"", StringComparison.Ordinal));
        Assert.StartsWith($"\"{Claimed.Id} {Claimed.ClaimToken} ./task_queue.db ", outcome.ResultJson);
    }

    [Theory]
    [InlineData("cat")]
    [InlineData("true")]
    [InlineData("exec <&-; sleep 0.1; true")]
    [InlineData("head -c 10 >/dev/null")]
    public void Large_data_neither_blocks_nor_fails_whatever_the_program_reads(string script)
    {
        SkipOnWindows();
        var data = $"\"{new string('x', 5_000_000)}\"";

        var outcome = Shell(script, Claimed with { DataJson = data });

        Assert.True(outcome.IsSuccess, outcome.ErrorMessage);
        Assert.Equal(script == "cat", outcome.ResultJson?.Contains(data, StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public void A_result_beyond_the_limit_is_a_failure_that_is_not_tried_again()
    {
        SkipOnWindows();
        Assert.Equal(10 * 1024 * 1024, Shell("head -c 10485758 /dev/zero | tr '\\0' x").ResultJson!.Length);

        var outcome = Shell("head -c 10485761 /dev/zero");

        Assert.Equal("sh wrote more than 10 MB to its standard output, the most a result may have", outcome.ErrorMessage);
        Assert.True(outcome.DoNotRetry);
    }

    [Fact]
    public void However_much_a_program_writes_only_the_end_of_its_errors_is_kept()
    {
        SkipOnWindows();
        var before = GC.GetTotalAllocatedBytes();

        var outcome = Shell(
            "head -c 300000000 /dev/zero >&2; head -c 300000000 /dev/zero; yes ü | head -c 99999 >&2; echo the end >&2; exit 1");

        Assert.StartsWith("sh ended with exit code 1: …", outcome.ErrorMessage);
        Assert.EndsWith("the end", outcome.ErrorMessage);
        Assert.DoesNotContain('\uFFFD', outcome.ErrorMessage!);
        Assert.InRange(Encoding.UTF8.GetByteCount(outcome.ErrorMessage!), 32_000, 33_000);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 200_000_000);
    }

    [Theory]
    [InlineData("/nowhere/program", "'/nowhere/program' cannot be started: there is no such program that can be executed")]
    [InlineData("no-such-program-at-all", "'no-such-program-at-all' cannot be started: there is no such program that can be executed")]
    [InlineData("/etc/passwd", "'/etc/passwd' cannot be started: there is no such program that can be executed")]
    [InlineData("/", "'/' cannot be started: there is no such program that can be executed")]
    public void A_program_that_cannot_be_started_is_not_tried_again(string program, string message)
    {
        SkipOnWindows();
        var outcome = Run(Claimed, program);

        Assert.Equal((false, message, true), (outcome.IsSuccess, outcome.ErrorMessage, outcome.DoNotRetry));
    }

    [Fact]
    public void A_file_that_is_no_program_and_a_missing_folder_are_said_so()
    {
        SkipOnWindows();
        using var folder = new TemporaryFolder();
        var file = folder["broken"];
        File.WriteAllText(file, "#!/nowhere/interpreter\n");
        Run(Claimed, "chmod", "+x", file);

        var broken = Run(Claimed, file);
        var homeless = new ProgramHandler("sh", [], folder["missing"]).Run(new TaskExecution(Claimed));

        Assert.Matches("'.*broken' cannot be started: .*[Nn]o such file", broken.ErrorMessage);
        Assert.Equal($"'sh' cannot be started: there is no folder '{folder["missing"]}'", homeless.ErrorMessage);
        Assert.True(broken.DoNotRetry && homeless.DoNotRetry);
    }

    [Fact]
    public void Programs_run_side_by_side_and_keep_their_results_apart()
    {
        SkipOnWindows();
        var handler = new ProgramHandler("/bin/sh", ["-c", "sleep 0.05; echo $TASKQUEUE_TASK_ID"]);
        var outcomes = new string?[24];

        Parallel.For(0, outcomes.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, index =>
            outcomes[index] = handler.Run(
                new TaskExecution(Claimed with { Id = $"task-{index}", ClaimToken = Guid.NewGuid() })).ResultJson);

        Assert.Equal(Enumerable.Range(0, outcomes.Length).Select(index => $"\"task-{index}\""), outcomes);
    }
}
