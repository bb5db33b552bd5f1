namespace TaskQueue.PowerShell.Tests;

/// <summary>The exit codes of <c>pwsh</c>, which cron jobs and containers rely on.</summary>
public sealed class ConsoleExitCodeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("taskqueue-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("exit", 0)]
    [InlineData("throw 'uncaught'", 1)]
    [InlineData("if (", 1)]
    [InlineData("Import-Module ./no-such-module; 'after'", 0)]
    [InlineData("'before'; Import-Module ./no-such-module", 1)]
    public void A_command_ends_with(string code, int expected) =>
        Assert.Equal(expected, ConsoleProcess.Run("", "-Command", code).ExitCode);

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("throw 'uncaught'", 1)]
    [InlineData("if (", 1)]
    [InlineData("Import-Module ./no-such-module", 0)]
    [InlineData("dotnet --no-such-option; 'after'", 0)]
    public void A_file_ends_with(string code, int expected) =>
        Assert.Equal(expected, ConsoleProcess.Run("", "-File", Script(code)).ExitCode);

    [Theory]
    [InlineData("-NoSuchOption")]
    [InlineData("-Command")]
    [InlineData("-File")]
    public void A_command_line_that_is_not_understood_ends_with_64(string argument)
    {
        (int exitCode, string output, string error) = ConsoleProcess.Run("", argument);
        Assert.Equal(64, exitCode);
        Assert.Empty(output);
        Assert.Contains(argument, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named_and_ends_with_1()
    {
        (int exitCode, _, string error) = ConsoleProcess.Run("", "-File", "no-such-file.ps1");
        Assert.Equal(1, exitCode);
        Assert.Contains("no-such-file.ps1", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_gets_its_arguments_as_pwsh_gives_them()
    {
        string script = Script("""
            param([string] $Name, [switch] $Flag, [switch] $Off, [int] $Count)
            "$Name|$Flag|$Off|$Count|$($args -join ',')"
            $PSScriptRoot
            $PSCommandPath
            """);
        (int exitCode, string output, _) = ConsoleProcess.Run(
            "", "-File", script, "-Name", "a b", "-Flag", "-Off:$false", "-Count:3", "rest", "-1");

        Assert.Equal(0, exitCode);
        Assert.Equal($"a b|True|False|3|rest,-1\n{_folder}\n{script}", output);
    }

    [Fact]
    public void The_prompt_runs_piped_statements_until_exit()
    {
        (int exitCode, string output, _) = ConsoleProcess.Run("1 + 1\nif ($true) {\n'inside'\n}\nexit 5\n'never'\n");
        Assert.Equal(5, exitCode);
        Assert.Equal("2\ninside", output);
    }

    private string Script(string code)
    {
        string path = Path.Combine(_folder, "script.ps1");
        File.WriteAllText(path, code);
        return path;
    }
}
