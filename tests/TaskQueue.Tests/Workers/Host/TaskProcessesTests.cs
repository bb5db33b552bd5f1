using System.Diagnostics;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>What a dead worker's programs left behind. Real processes.</summary>
public sealed class TaskProcessesTests : IDisposable
{
    private readonly List<Process> _processes = [];

    public TaskProcessesTests() =>
        Assert.SkipWhen(ProcessTable.Current is null, "This platform does not tell the environment of other processes.");

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.Dispose();
        }
    }

    [Fact]
    public void Every_process_of_the_claims_is_killed_and_no_other()
    {
        var (mine, another, foreign) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var marked = new[] { Sleep(mine.ToString()), Sleep(mine.ToString()), Sleep(another.ToString()) };
        var others = new[]
        {
            Sleep(foreign.ToString()), Sleep(mine + "0"), Sleep("x" + mine), Sleep(mine.ToString("N")), Sleep(""),
            Sleep(mine.ToString(), "NOT_TASKQUEUE_CLAIM"),
        };

        Assert.Equal(3, TaskProcesses.KillMarked([mine, another]));

        Assert.All(marked, process => Assert.True(process.WaitForExit(HangGuard.Longest)));
        Assert.All(others, process => Assert.False(process.HasExited));
        Assert.Equal(0, TaskProcesses.KillMarked([mine, another]));
    }

    [Fact]
    public void What_belongs_to_several_claims_ends_with_each_of_them()
    {
        // A worker that is a task's program itself: what it starts belongs to the outer task as well.
        var (outer, inner) = (Guid.NewGuid(), Guid.NewGuid());
        var processes = new[] { Sleep($"{outer},{inner}"), Sleep($"{outer},{inner}") };

        Assert.Equal(2, TaskProcesses.KillMarked([outer]));
        Assert.All(processes, process => Assert.True(process.WaitForExit(30_000)));
        Sleep($"{outer},{inner}");
        Assert.Equal(1, TaskProcesses.KillMarked([inner]));
    }

    [Fact]
    public void What_may_belong_to_another_claim_ends_only_when_the_worker_is_gone()
    {
        var (mine, another) = (Guid.NewGuid(), Guid.NewGuid());
        Sleep($"{another},{mine}", TaskMarks.Running);

        Assert.Equal(0, TaskProcesses.KillMarked([mine]));
        Assert.Equal(1, TaskProcesses.KillLeftBehind([mine]));
    }

    [Fact]
    public void A_large_environment_is_read_to_its_end()
    {
        var token = Guid.NewGuid();
        // As many as it takes for the marker to stand behind the first of them, whatever the order.
        Start(
            environment =>
            {
                for (var index = 0; index < 40; index++)
                {
                    environment[$"LARGE{index}"] = new string('x', 25_000);
                }

                environment[TaskMarks.Claim] = token.ToString();
            });

        Assert.Equal(1, TaskProcesses.KillMarked([token]));
    }

    [Fact]
    public void Without_claims_there_is_nothing_to_do() => Assert.Equal(0, TaskProcesses.KillMarked([]));

    [Fact]
    public void A_process_never_kills_itself()
    {
        // A worker that is a task's program itself, and takes back that task.
        var token = Guid.NewGuid();
        var start = new ProcessStartInfo(ChildProcess.Program, ["kill-marked", token.ToString()]) { RedirectStandardOutput = true };
        start.Environment[TaskMarks.Claim] = token.ToString();
        using var process = Process.Start(start)!;

        Assert.Equal("killed 0", process.StandardOutput.ReadToEnd().Trim());
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private Process Sleep(string value, string variable = TaskMarks.Claim) => Start(environment => environment[variable] = value);

    /// <summary>A process that waits until it is killed.</summary>
    private Process Start(Action<IDictionary<string, string?>> environment)
    {
        var start = OperatingSystem.IsWindows()
            ? new ProcessStartInfo(ChildProcess.Program, ["echo"])
            : new ProcessStartInfo("/bin/sleep", ["1000"]);
        start.RedirectStandardInput = true;
        start.Environment.Remove(TaskMarks.Claim);
        environment(start.Environment);
        var process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }
}
