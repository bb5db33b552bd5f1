using System.Text.RegularExpressions;

namespace TaskQueue.PowerShell.Tests;

/// <summary>The examples that the README tells of, in a process of their own.</summary>
public sealed class StuckTasksExampleTests
{
    [Fact]
    public void The_example_repairs_the_incident_shows_the_counts_and_leaves_no_folder()
    {
        var temporary = Directory.CreateTempSubdirectory("taskqueue-example-").FullName;
        try
        {
            (var exitCode, var output, var error) = ShellProcess.RunWithTemporaryFolder(
                temporary, Shell.Console, "-File", Example("stuck-tasks.ps1"));
            Assert.Equal("", error);
            Assert.Equal(0, exitCode);
            Assert.EndsWith("failed 13, running 1, success 41", output, StringComparison.Ordinal);
            Assert.Contains("plan only: nothing was changed", output, StringComparison.Ordinal);
            Assert.Matches("failed +6 +13\n +running +8 +1\n +success +41 +41\n +total +55 +55", output);
            Assert.Empty(Directory.EnumerateFileSystemEntries(temporary, "taskqueue-*"));
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    [Fact]
    public void Four_ways_to_be_stuck_are_told_apart_and_the_repair_is_taken_back()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows cannot pause a process from outside.");
        var temporary = Directory.CreateTempSubdirectory("taskqueue-example-").FullName;
        try
        {
            (var exitCode, var output, var error) = ShellProcess.RunWithTemporaryFolder(
                temporary, Shell.Console, "-File", Example("worker-incident.ps1"));
            Assert.True(exitCode == 0, error);
            Assert.DoesNotContain("Line |", error, StringComparison.Ordinal);
            // Where lines are folded depends on the width there is, and on how long a process id is.
            var flowing = Regex.Replace(output, @"\s+", " ");
            Assert.Matches(@"Dead nightly-import import \S+ worker \S+ \(since [^)]+\) is gone: no process with that start", flowing);
            Assert.Matches("Stalled +transcode-17 +transcode ", output);
            Assert.Matches("Slow +render-881 +render ", output);
            Assert.Contains("Silent publish_48 publish 66.8h no heartbeat data; running 66.8 h", flowing, StringComparison.Ordinal);
            Assert.Matches("2 stopped, now failed\n +1 Dead\n(.*\n)+? +1 Stalled\n", output);
            Assert.Contains("only with -IncludeLive render-881", flowing, StringComparison.Ordinal);

            // Taken back before its worker learned of it: the worker completes the attempt it was in.
            Assert.Contains(
                "transcode-17: running, its stop was withdrawn before its worker learned of it", flowing, StringComparison.Ordinal);
            Assert.Contains(
                "nightly-import: pending, not running as before: its worker does not live any more", flowing, StringComparison.Ordinal);
            Assert.Matches("Wait-QueueTask transcode-17\n(.*\n)+?success +transcode-17 +transcode +\\d+s\\b", output);
            Assert.Contains(
                "render-881: pending, not running as before: its worker had learned of the stop", flowing, StringComparison.Ordinal);
            Assert.Matches("force +running → failed .*\n +cancel", output);
            Assert.Empty(Directory.EnumerateFileSystemEntries(temporary, "taskqueue-*"));
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private static string Example(string name) => Path.Combine(BuiltModule.Repository, "docs", "examples", name);
}
