using System.Globalization;

namespace TaskQueue.PowerShell.Tests;

public sealed class ConsoleSignalTests
{
    private const string Endless = "try { 'started'; while ($true) { } } finally { [Console]::Out.WriteLine('cleaned up') }";

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void A_signal_stops_the_command_and_lets_it_clean_up(string signal, int exitCode)
    {
        SkipWhereSignalsDoNotArrive();
        using ConsoleProcess console = ConsoleProcess.Start("-Command", Endless);
        Assert.Equal("started", console.Output.ReadLine());
        console.Signal(signal);
        Assert.Equal("cleaned up", console.Output.ReadLine());
        Assert.Equal(exitCode, console.WaitForExit());
    }

    [Fact]
    public void A_signal_ends_the_wait_for_an_answer()
    {
        SkipWhereSignalsDoNotArrive();
        using ConsoleProcess console = ConsoleProcess.Start("-Command", "'started'; $Host.UI.ReadLine()");
        Assert.Equal("started", console.Output.ReadLine());
        console.Signal("INT");
        Assert.Equal(130, console.WaitForExit());
    }

    [Fact]
    public void Another_signal_ends_a_command_that_cannot_be_stopped()
    {
        SkipWhereSignalsDoNotArrive();
        using ConsoleProcess console = ConsoleProcess.Start("-Command", "'started'; [Threading.Thread]::Sleep(-1)");
        Assert.Equal("started", console.Output.ReadLine());
        do
        {
            console.Signal("INT");
        }
        while (!console.HasExitedWithin(TimeSpan.FromMilliseconds(100)));

        Assert.NotEqual(0, console.WaitForExit());
    }

    internal static void SkipWhereSignalsDoNotArrive()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals; a console event cannot be sent to one process.");

        // A shell starts its background jobs so, and children inherit it: bit 1 is SIGINT.
        string? ignored = File.Exists("/proc/self/status")
            ? File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))
            : null;
        ulong mask = ignored is null ? 0 : ulong.Parse(ignored.AsSpan("SigIgn:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Assert.SkipWhen((mask & 0b10) != 0, "SIGINT is ignored by whoever started the tests.");
    }
}
