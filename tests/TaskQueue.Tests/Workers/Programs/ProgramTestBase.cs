using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>Runs programs for a claimed task.</summary>
public abstract class ProgramTestBase
{
    // A token of its own for each test: what one kills must not be what another runs.
    private protected QueueTask Claimed { get; } = TestTask.In(QueueTaskStatus.Running) with
    {
        ClaimToken = Guid.NewGuid(), RetryCount = 0,
    };

    private protected static HandlerOutcome Run(QueueTask task, string program, params string[] arguments) =>
        new ProgramHandler(program, arguments).Run(new TaskExecution(task));

    private protected HandlerOutcome Shell(string script, QueueTask? task = null) => Run(task ?? Claimed, "/bin/sh", "-c", script);

    private protected static void SkipOnWindows() =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The programs of this test are those of Unix.");

    private protected static void Await(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, HangGuard.Longest));
}
