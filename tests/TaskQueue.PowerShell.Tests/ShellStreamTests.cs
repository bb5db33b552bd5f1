namespace TaskQueue.PowerShell.Tests;

/// <summary>What reaches the streams of a process, in the console host as in pwsh.</summary>
public sealed class ShellStreamTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("taskqueue-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Shell.Pwsh)]
    [InlineData(Shell.Console)]
    public void Errors_go_to_standard_error_and_results_to_standard_output(Shell shell)
    {
        (_, var output, var error) = ShellProcess.Run(
            shell,
            "",
            "-NonInteractive", "-Command",
            $"$null = Connect-TaskQueue '{_folder}/jobs.db' -Create; New-QueueTask work -Id a | ForEach-Object Id; "
                + "Stop-QueueTask missing; 'after'");
        Assert.Equal("a\nafter", output);
        Assert.Contains("There is no task 'missing' in '", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_console_host_has_the_core_modules_and_the_module_is_loaded()
    {
        (var exitCode, var output, var error) = ShellProcess.Run(
            Shell.Console,
            "",
            "-NonInteractive", "-Command",
            "(Get-Module TaskQueue).Name; 1..3 | Sort-Object -Descending | ConvertTo-Json -Compress; "
                + "1..2 | ForEach-Object -Parallel { (Get-Command Get-QueueTask).Name }");
        Assert.Equal("", error);
        Assert.Equal(0, exitCode);
        Assert.Equal("TaskQueue\n[3,2,1]\nGet-QueueTask\nGet-QueueTask", output);
    }

    [Theory]
    [InlineData(Shell.Pwsh)]
    [InlineData(Shell.Console)]
    public void A_confirmation_that_nobody_can_give_fails_and_changes_nothing(Shell shell)
    {
        (var exitCode, var output, var error) = ShellProcess.Run(
            shell,
            "",
            "-NonInteractive", "-Command",
            $"$null = Connect-TaskQueue '{_folder}/jobs.db' -Create; $null = New-QueueTask work -Id a; "
                + $"try {{ Stop-QueueTask a -Confirm }} finally {{ (Get-QueueTask a).StatusText }}");
        Assert.Equal(1, exitCode);
        Assert.EndsWith("pending", output, StringComparison.Ordinal);
        Assert.Contains("NonInteractive", error, StringComparison.Ordinal);
    }
}
