namespace TaskQueue.PowerShell.Tests;

public sealed class ConsoleStreamTests
{
    private const string Asking =
        """
        function Invoke-Asking {
            [CmdletBinding(SupportsShouldProcess)] param()
            if ($PSCmdlet.ShouldProcess('target', 'action')) { 'done' }
        }

        """;

    [Fact]
    public void Errors_and_warnings_go_to_standard_error_and_all_else_to_standard_output()
    {
        (_, string output, string error) = ConsoleProcess.Run(
            "",
            "-Command",
            """
            function Write-All {
                [CmdletBinding()] param()
                'object'
                $PSCmdlet.WriteVerbose('v')
                $PSCmdlet.WriteDebug('d')
                $PSCmdlet.WriteWarning('w')
                $PSCmdlet.WriteInformation('i', @())
                $Host.UI.WriteLine('host')
                $failure = [InvalidOperationException]::new('e')
                $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new($failure, 'Id', 'NotSpecified', $null))
            }
            $DebugPreference = 'Continue'
            Write-All -Verbose -InformationAction Continue
            throw 'uncaught'
            """);

        Assert.Equal("object\nVERBOSE: v\nDEBUG: d\ni\nhost", output);
        Assert.Matches(@"^WARNING: w\n(.*\n)*.*\be\b(.*\n)*.*uncaught", error);
    }

    [Fact]
    public void Redirected_text_is_plain_UTF_8_of_a_fixed_width()
    {
        (_, string output, _) = ConsoleProcess.Run("", "-Command", "\"`e[31mé→`e[0m\"; $Host.UI.RawUI.BufferSize.Width");
        Assert.Equal("é→\n120", output);
    }

    [Fact]
    public void Objects_are_shown_as_tables_and_lists()
    {
        (_, string output, _) = ConsoleProcess.Run(
            "", "-Command", "[pscustomobject]@{ Id = 't1'; Type = 'mail' }; [pscustomobject]@{ A=1; B=2; C=3; D=4; E=5 } | Out-Host");
        Assert.Matches(@"Id +Type\n-+ +-+\nt1 +mail", output);
        Assert.Matches(@"A : 1\nB : 2", output);
    }

    [Fact]
    public void The_location_is_the_directory_of_the_process()
    {
        (_, string output, _) = ConsoleProcess.Run("", "-Command", "$PWD.Path -eq [Environment]::CurrentDirectory");
        Assert.Equal("True", output);
    }

    [Theory]
    [InlineData("", "the input has ended")]
    [InlineData("-NonInteractive", "not interactive")]
    public void A_question_nobody_can_answer_fails_and_says_so(string option, string reason)
    {
        string[] arguments = ["-NoProfile", option, "-Command", "Clear-History -Confirm"];
        (int exitCode, string output, string error) = ConsoleProcess.Run("", [.. arguments.Where(text => text.Length > 0)]);
        Assert.Equal(1, exitCode);
        Assert.Contains("[Y] Yes", output, StringComparison.Ordinal);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y", "done")]
    [InlineData("", "done")]
    [InlineData("n", "")]
    [InlineData("?\nwhat\nNo", "")]
    public void A_confirmation_is_answered_by_a_line(string answer, string written)
    {
        using ModuleSession session = new([.. answer.Split('\n'), "no later question"]);
        SessionResult result = session.Run(Asking + "Invoke-Asking -Confirm");
        Assert.Equal(written, string.Concat(result.Values<string>()));
        Assert.Contains("[Y] Yes", result.HostText, StringComparison.Ordinal);
    }

    [Fact]
    public void What_if_lines_are_shown_and_nothing_is_done()
    {
        using ModuleSession session = new();
        SessionResult result = session.Run(Asking + "Invoke-Asking -WhatIf");
        Assert.Empty(result.Values<string>());
        Assert.Equal("Performing the operation \"action\" on target \"target\".", Assert.Single(result.WhatIf));
    }
}
