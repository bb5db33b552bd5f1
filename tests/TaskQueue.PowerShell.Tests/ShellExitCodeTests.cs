namespace TaskQueue.PowerShell.Tests;

/// <summary>The exit codes that cron jobs, services and containers rely on.</summary>
public sealed class ShellExitCodeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("taskqueue-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("throw 'uncaught'", 1)]
    [InlineData("Get-QueueTask -Queue ./no-such.db", 1)]
    [InlineData("Get-QueueTask -Queue ./no-such.db; 'after'", 0)]
    [InlineData("Test-TaskQueue -Queue ./no-such.db", 0)]
    public void A_command_of_the_console_host_ends_as_in_pwsh(string code, int expected)
    {
        Assert.Equal(expected, ShellProcess.Run(Shell.Pwsh, "", "-NonInteractive", "-Command", code).ExitCode);
        Assert.Equal(expected, ShellProcess.Run(Shell.Console, "", "-NonInteractive", "-Command", code).ExitCode);
    }

    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-QueueTask -Queue ./no-such.db", 1)]
    public void A_file_of_the_console_host_ends_as_in_pwsh(string code, int expected)
    {
        var script = Path.Combine(_folder, "script.ps1");
        File.WriteAllText(script, code);
        Assert.Equal(expected, ShellProcess.Run(Shell.Pwsh, "", "-NonInteractive", "-File", script).ExitCode);
        Assert.Equal(expected, ShellProcess.Run(Shell.Console, "", "-NonInteractive", "-File", script).ExitCode);
    }

    [Fact]
    public void An_option_that_does_not_exist_ends_with_64_and_names_it()
    {
        (var exitCode, _, var error) = ShellProcess.Run(Shell.Console, "", "-NoSuchOption");
        Assert.Equal(64, exitCode);
        Assert.Contains("-NoSuchOption", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_help_of_the_console_host_says_what_it_is()
    {
        (var exitCode, var output, _) = ShellProcess.Run(Shell.Console, "", "-Help");
        Assert.Equal(0, exitCode);
        Assert.Contains("PowerShell with the TaskQueue module loaded.", output, StringComparison.Ordinal);
        Assert.Contains("-NonInteractive", output, StringComparison.Ordinal);
    }
}
