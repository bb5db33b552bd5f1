using System.Text.RegularExpressions;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What <c>docs/automation.md</c> tells people to copy.</summary>
public sealed partial class AutomationTests
{
    private const string DocumentedQueue = "/srv/queues/jobs.db";

    private static readonly string Docs = Path.Combine(BuiltModule.Repository, "docs");

    public static TheoryData<string> Snippets =>
        [.. PowerShellBlock()
            .Matches(File.ReadAllText(Path.Combine(Docs, "automation.md")))
            .Select(block => block.Groups["code"].Value.Trim())];

    [Theory]
    [MemberData(nameof(Snippets))]
    public void A_documented_command_runs(string code)
    {
        using QueueSession session = new();
        session.Import("done", "success", hours: 24 * 40);
        session.Import("young", "success", hours: 0.1);
        Assert.Contains(DocumentedQueue, code, StringComparison.Ordinal);
        // Quoted: a path may hold anything.
        var result = session.Run(code.Replace(DocumentedQueue, $"'{session.Queue}'", StringComparison.Ordinal));
        Assert.Null(result.Failure);
        Assert.Empty(result.Errors.Select(error => error.ToString()));
        Assert.Empty(result.Warnings);
    }

    [Theory]
    [InlineData("in order", 0)]
    [InlineData("stuck", 2)]
    [InlineData("missing", 1)]
    public void The_nightly_check_tells_a_scheduler_by_its_exit_code(string state, int expected)
    {
        using QueueSession session = new();
        session.AddRunning("task", hours: state == "stuck" ? 66.8 : 0.2);
        var queue = state == "missing" ? session.InFolder("missing.db") : session.Queue;
        (var exitCode, var output, var error) = Run("nightly-check.ps1", queue);
        Assert.Equal(expected, exitCode);
        Assert.Equal("task=running", session.State);
        if (state == "stuck")
        {
            Assert.Contains("on target \"task\"", output + error, StringComparison.Ordinal);
            Assert.Contains("1 task is stuck for longer than 1h, such as 'task'", output + error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_weekly_maintenance_cleans_removes_what_is_old_and_optimizes()
    {
        using QueueSession session = new();
        session.AddRunning("stuck", hours: 66.8);
        session.Import("old", "success", hours: 24 * 40);
        session.Import("young", "success", hours: 24 * 3);
        (var exitCode, var output, var error) = Run("weekly-maintenance.ps1", session.Queue);
        Assert.Equal("", error);
        Assert.Equal(0, exitCode);
        Assert.Contains("1 stopped, now failed", output, StringComparison.Ordinal);
        Assert.Contains("Removed 1 finished tasks older than 30d.", output, StringComparison.Ordinal);
        Assert.Matches("BytesAfter +: [0-9]+", output);
        Assert.Equal("stuck=failed young=success", session.State);
        Assert.Equal(["weekly maintenance"], session.Values<string>("Get-QueueTaskHistory stuck | ForEach-Object Reason"));
    }

    [Fact]
    public void The_weekly_maintenance_can_be_tried_out()
    {
        using QueueSession session = new();
        session.AddRunning("stuck", hours: 66.8);
        session.Import("old", "success", hours: 24 * 40);
        (var exitCode, var output, var error) = Run("weekly-maintenance.ps1", session.Queue, "-WhatIf");
        Assert.Equal("", error);
        Assert.Equal(0, exitCode);
        Assert.Contains("Would remove 1 finished tasks older than 30d.", output, StringComparison.Ordinal);
        Assert.Equal("stuck=running old=success", session.State);
        Assert.Equal(["tasks.db"], session.Files);
    }

    [Fact]
    public void The_weekly_maintenance_leaves_a_flood_of_stuck_tasks_to_a_person()
    {
        using QueueSession session = new();
        session.AddRunning("a", hours: 66.8);
        session.AddRunning("b", hours: 66.8);
        (var exitCode, _, var error) = Run("weekly-maintenance.ps1", session.Queue, "-MaxCount", "1");
        Assert.Equal(1, exitCode);
        Assert.Contains("2 tasks are stuck, more than -MaxCount 1", error, StringComparison.Ordinal);
        Assert.Equal("a=running b=running", session.State);
    }

    private static (int ExitCode, string Output, string Error) Run(string script, string queue, params string[] arguments) =>
        ShellProcess.Run(
            Shell.Console, "", ["-NonInteractive", "-File", Path.Combine(Docs, "examples", script), "-Queue", queue, .. arguments]);

    [GeneratedRegex("^```powershell\\r?\\n(?<code>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex PowerShellBlock();
}
