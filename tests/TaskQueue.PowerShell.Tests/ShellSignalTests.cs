namespace TaskQueue.PowerShell.Tests;

/// <summary>Ctrl+C and SIGTERM at commands that take long, other than a worker.</summary>
public sealed class ShellSignalTests : IDisposable
{
    private readonly QueueSession _session = new();

    public void Dispose() => _session.Dispose();

    public static TheoryData<Shell, string> LongCommands { get; } = new MatrixTheoryData<Shell, string>(
        [Shell.Pwsh, Shell.Console],
        [
            "'begun'; Wait-QueueTask waiting",
            // The reading has a next task to hand on each time: it ends only because it is told to.
            "'begun'; while ($true) { Get-QueueTask | Out-Null }",
            "'begun'; Receive-QueueTask other -Wait",
        ]);

    [Theory]
    [MemberData(nameof(LongCommands))]
    public void Ctrl_C_on_a_terminal_ends_the_command_and_finally_blocks_run(Shell shell, string command)
    {
        SkipWhereSignalsDoNotArrive();
        _session.Add("waiting");
        using var process = ShellProcess.StartOnTerminal(
            shell, "-Command",
            $"$ProgressPreference = 'SilentlyContinue'; $null = Connect-TaskQueue '{_session.Queue}'; try {{ {command} }} finally {{ "
                + "[Console]::Out.WriteLine('cleaned up') }");
        process.ReadUntil("begun");
        process.TypeInterrupt();
        process.ReadUntil("cleaned up");
        process.WaitForExit();
        Assert.Equal("waiting=pending", _session.State);
        Assert.Empty(_session.Values<object>("Stop-QueueTask waiting"));
    }

    [Theory]
    [MemberData(nameof(LongCommands))]
    public void A_termination_ends_the_process_and_leaves_the_queue_to_others(Shell shell, string command)
    {
        SkipWhereSignalsDoNotArrive();
        _session.Add("waiting");
        using var process = ShellProcess.Start(shell, "-Command", $"$null = Connect-TaskQueue '{_session.Queue}'; {command}");
        process.ReadUntil("begun");
        process.Signal("TERM");
        // 128 and the number of the signal, as of any program.
        Assert.Equal(143, process.WaitForExit());
        Assert.Equal("waiting=pending", _session.State);
        Assert.Empty(_session.Values<object>("Stop-QueueTask waiting"));
    }

    [Theory]
    [InlineData(Shell.Pwsh)]
    [InlineData(Shell.Console)]
    public void Ctrl_C_at_a_worker_gives_the_prompt_back(Shell shell)
    {
        SkipWhereSignalsDoNotArrive();
        _session.Add("a", "b");
        using var process = ShellProcess.StartOnTerminal(shell);
        process.ReadUntil("PS /");
        // A progress bar asks the terminal where the cursor stands, and Ctrl+C makes a terminal forget an answer that is on its way.
        process.Type($"$ProgressPreference = 'SilentlyContinue'; $null = Connect-TaskQueue '{_session.Queue}'\r");
        process.ReadUntil("PS /");
        process.Type(
            "Start-QueueWorker -Concurrency 1 -Handler @{ work = { [Console]::Out.WriteLine('be' + 'gun'); Start-Sleep 1; 'done' } }\r");
        process.ReadUntil("begun");
        process.TypeInterrupt();
        process.ReadUntil("PS /");
        process.Type("'the prompt ' + 'is back'\r");
        process.ReadUntil("the prompt is back");
        process.Type("exit 5\r");
        process.ReadToEnd();
        Assert.Equal(5, process.WaitForExit());
        Assert.DoesNotContain("running", _session.State, StringComparison.Ordinal);
        Assert.Contains("a=success", _session.State, StringComparison.Ordinal);
    }

    // Not sh: where that is dash, it takes signals back that are kept from it.
    [Theory]
    [InlineData(Shell.Pwsh)]
    [InlineData(Shell.Console)]
    public void Ctrl_C_on_a_terminal_leaves_the_programs_of_running_handlers_alone(Shell shell)
    {
        SkipWhereSignalsDoNotArrive();
        _session.Add("a", "b");
        using var process = ShellProcess.StartOnTerminal(
            shell,
            "-Command",
            $$"""
            $ProgressPreference = 'SilentlyContinue'
            $null = Connect-TaskQueue '{{_session.Queue}}'
            Start-QueueWorker -Concurrency 1 -GracePeriod 10m -Variable @{ stop = '{{_session.InFolder("stop")}}' } -Handler @{ work = {
                $null = $TaskContext.CancellationToken
                bash -c "echo be''gun > /dev/tty; while ! test -e $stop; do sleep 0.05; done"
                'done'
            } }
            """);
        process.ReadUntil("begun");
        process.TypeInterrupt();
        _session.AwaitDraining();
        File.WriteAllText(_session.InFolder("stop"), "");
        process.WaitForExit();
        Assert.Equal("a=success b=pending", _session.State);
    }

    internal static void SkipWhereSignalsDoNotArrive() =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals; a console event cannot be sent to one process.");
}
