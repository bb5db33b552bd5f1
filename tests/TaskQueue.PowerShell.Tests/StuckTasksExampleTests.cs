namespace TaskQueue.PowerShell.Tests;

/// <summary>The example that the README begins with.</summary>
public sealed class StuckTasksExampleTests
{
    [Fact]
    public void The_example_repairs_the_incident_shows_the_counts_and_leaves_no_folder()
    {
        string temporary = Directory.CreateTempSubdirectory("taskqueue-example-").FullName;
        try
        {
            (int exitCode, string output, string error) = ConsoleProcess.RunWithTemporaryFolder(temporary, "-File", FindExample());
            Assert.Equal("", error);
            Assert.Equal(0, exitCode);
            Assert.EndsWith("failed 13, running 1, success 41", output, StringComparison.Ordinal);
            Assert.Contains("plan only: nothing was changed", output, StringComparison.Ordinal);
            Assert.Matches("failed +6 +13\\n +running +8 +1\\n +success +41 +41\\n +total +55 +55", output);
            Assert.Empty(Directory.EnumerateFileSystemEntries(temporary, "taskqueue-*"));
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    private static string FindExample()
    {
        string relative = Path.Combine("docs", "examples", "stuck-tasks.ps1");
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, relative)))
            folder = folder.Parent;

        Assert.NotNull(folder);
        return Path.Combine(folder.FullName, relative);
    }
}
