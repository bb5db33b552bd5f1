using System.Diagnostics;
using System.Globalization;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>How programs end when they are told to, and what ends with them. Real processes, really killed.</summary>
public sealed class ProgramStopTests : ProgramTestBase, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ProgramStopTests() => SkipOnWindows();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_cancelled_program_is_asked_to_end_and_may_clean_up()
    {
        var execution = new TaskExecution(Claimed);
        var running = Start(
            execution, $"trap 'echo cleaned > {Mark("cleaned")}; exit 0' TERM; echo $$ > {Mark("pid")}; while :; do sleep 0.02; done");
        AwaitMark("pid");

        execution.RequestCancellation();

        await End(running);
        Assert.Equal("cleaned", File.ReadAllText(Mark("cleaned")).Trim());
    }

    [Fact]
    public async Task A_program_that_ignores_its_cancellation_is_killed()
    {
        var execution = new TaskExecution(Claimed);
        var running = Start(execution, $"trap '' TERM; echo $$ > {Mark("pid")}; while :; do sleep 0.02; done");
        AwaitMark("pid");

        execution.RequestCancellation();
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.False(running.IsCompleted);
        execution.RequestKill();

        Assert.Equal("sh ended with exit code 137 (signal 9)", (await End(running)).ErrorMessage);
    }

    [Fact]
    public async Task A_suspended_program_is_killed()
    {
        var execution = new TaskExecution(Claimed);
        var running = Start(execution, $"echo $$ > {Mark("pid")}; kill -STOP $$");
        AwaitMark("pid");

        execution.RequestCancellation();
        execution.RequestKill();

        await End(running);
    }

    [Fact]
    public async Task A_stop_before_the_start_starts_nothing()
    {
        var execution = new TaskExecution(Claimed);
        execution.RequestCancellation();

        var outcome = await End(Start(execution, $"echo started > {Mark("started")}"));

        Assert.False(outcome.IsSuccess);
        Assert.Empty(_folder.Names);
    }

    [Fact]
    public async Task A_kill_ends_what_moved_away_from_the_program_as_well()
    {
        SkipUnlessLinux();
        var execution = new TaskExecution(Claimed);
        var running = Start(
            execution, $"{Detached("child")}; (sleep 1000 & echo $! > {Mark("near")}); trap '' TERM; while :; do sleep 0.02; done");
        var processes = new[] { AwaitMark("child"), AwaitMark("near") };
        Assert.All(processes, process => Assert.True(IsThere(process)));

        execution.RequestKill();

        await End(running);
        Assert.All(processes, process => Await(() => !IsThere(process)));
    }

    [Fact]
    public void What_a_program_leaves_running_ends_with_it_and_its_result_counts()
    {
        SkipUnlessLinux();
        // The child keeps the output open: without its end there would be no end of the result.
        var outcome = Shell($"setsid sleep 1000 & echo $! > {Mark("child")}; echo 1");

        Assert.Equal("1", outcome.ResultJson);
        Await(() => !IsThere(AwaitMark("child")));
    }

    [Fact]
    public void What_a_program_leaves_running_stays_where_that_is_asked_for()
    {
        SkipUnlessLinux();
        new ProgramHandler("/bin/sh", ["-c", $"setsid sleep 1000 >/dev/null 2>&1 & echo $! > {Mark("child")}"], keepsChildren: true).Run(
            new TaskExecution(Claimed));
        var child = AwaitMark("child");

        Assert.True(IsThere(child));
        UnixCalls.Signal(child, UnixCalls.Kill);
    }

    [Fact]
    public async Task A_kill_ends_them_there_too()
    {
        SkipUnlessLinux();
        var execution = new TaskExecution(Claimed);
        var running = Task.Factory.StartNew(
            () => new ProgramHandler("/bin/sh", ["-c", $"{Detached("child")}; while :; do sleep 0.02; done"], keepsChildren: true).Run(
                execution), TaskCreationOptions.LongRunning);
        var child = AwaitMark("child");

        execution.RequestCancellation();
        execution.RequestKill();

        await End(running);
        Await(() => !IsThere(child));
    }

    [Fact]
    public void What_put_on_another_environment_ends_with_the_program_too()
    {
        SkipUnlessLinux();
        var outcome = Shell($"env -i sleep 1000 & echo $! > {Mark("child")}; echo 1");

        Assert.Equal("1", outcome.ResultJson);
        Await(() => !IsThere(AwaitMark("child")));
    }

    [Fact]
    public void A_process_that_hid_itself_and_holds_the_output_does_not_hold_the_task()
    {
        SkipUnlessLinux();
        // Without the marker, in a session of its own: nothing tells any more where it came from.
        var outcome = Shell(
            $"env -i setsid sh -c 'echo $$ > {Mark("child")}; exec sleep 1000' & "
                + $"until [ -s {Mark("child")} ]; do sleep 0.02; done; echo 1");
        var hidden = AwaitMark("child");

        Assert.Equal("1", outcome.ResultJson);
        Assert.True(IsThere(hidden));
        UnixCalls.Signal(hidden, UnixCalls.Kill);
    }

    [Fact]
    public async Task Processes_that_fork_without_end_are_killed_all_the_same()
    {
        SkipUnlessLinux();
        var execution = new TaskExecution(Claimed);
        // Each lives for a moment and starts the next one in a session of its own.
        var script = $"""echo $$ > {Mark("pid")}; f={_folder["next"]}; echo 'setsid sh "$0" & sleep 0.01' > $f; sh $f; sh $f; sleep 1000""";
        var running = Start(execution, script);
        AwaitMark("pid");
        await Task.Delay(200, TestContext.Current.CancellationToken);

        execution.RequestKill();

        await End(running);
        Await(() => MarkedCount(Claimed.ClaimToken!.Value) == 0);
    }

    [Fact]
    public void The_terminal_of_the_worker_is_not_the_programs()
    {
        SkipUnlessLinux();
        // Its own session and group, which a terminal's Ctrl+C does not reach: field 1 is the id, 5 the group, 6 the session.
        var fields = Shell("exec cat /proc/self/stat").ResultJson!.Trim('"').Split(' ');

        Assert.Equal((fields[0], fields[0]), (fields[4], fields[5]));
    }

    private static void SkipUnlessLinux() =>
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux alone knows the environment of other processes.");

    private static Task<HandlerOutcome> Start(TaskExecution execution, string script) =>
        Task.Factory.StartNew(() => new ProgramHandler("/bin/sh", ["-c", script]).Run(execution), TaskCreationOptions.LongRunning);

    // Only reached when something hangs.
    private static Task<HandlerOutcome> End(Task<HandlerOutcome> running) =>
        running.WaitAsync(HangGuard.Longest, TestContext.Current.CancellationToken);

    private string Mark(string name) => _folder[name];

    /// <summary>A process of a second fork in a session of its own, whose id goes to a file.</summary>
    private string Detached(string mark) => $"(setsid sh -c 'echo $$ > {Mark(mark)}; exec sleep 1000' >/dev/null 2>&1 &)";

    private int AwaitMark(string name)
    {
        var id = 0;
        Await(
            () => File.Exists(Mark(name))
                && int.TryParse(File.ReadAllText(Mark(name)).TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out id));
        return id;
    }

    private static bool IsThere(int process) => ProcessSighting.Of(process).Presence is ProcessPresence.There;

    private static int MarkedCount(Guid token) => Process.GetProcesses().Count(process =>
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/environ").Contains(token.ToString(), StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        finally
        {
            process.Dispose();
        }
    });
}
