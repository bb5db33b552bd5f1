namespace TaskQueue.PowerShell.Tests;

/// <summary>Several runspaces, and the life of a connection.</summary>
public sealed class RunspaceTests
{
    [Fact]
    public void Piped_tasks_are_stopped_in_parallel_without_a_connection_of_their_own()
    {
        using QueueSession session = new();
        session.Values<object>("$null = 1..40 | New-QueueTask work");
        Assert.Equal(Enumerable.Repeat("cancelled", 40), session.Values<string>(
            """
            Get-QueueTask | ForEach-Object -ThrottleLimit 4 -Parallel {
                Import-Module $using:manifest
                ($_ | Stop-QueueTask -PassThru).StatusText
            }
            """,
            ("manifest", BuiltModule.Manifest)));
        Assert.Equal("40", session.Value<string>("\"$((Measure-TaskQueue).Cancelled)\""));
    }

    [Fact]
    public void Parallel_loops_write_to_one_queue_and_nothing_is_lost()
    {
        using QueueSession session = new();
        session.Values<object>(
            """
            1..8 | ForEach-Object -ThrottleLimit 4 -Parallel {
                Import-Module $using:manifest
                $null = 1..25 | New-QueueTask work -Queue $using:queue
            }
            """,
            ("manifest", BuiltModule.Manifest), ("queue", session.Queue));
        Assert.Equal("200", session.Value<string>("\"$((Measure-TaskQueue).Pending)\""));
    }

    [Fact]
    public void Each_runspace_has_its_own_connection()
    {
        using QueueSession first = new();
        using QueueSession second = new();
        first.Add("a");
        second.Add("b");
        Assert.Equal(["a"], first.Values<string>("Get-QueueTask | ForEach-Object Id"));
        Assert.Equal(["b"], second.Values<string>("Get-QueueTask | ForEach-Object Id"));
        Assert.Empty(first.Values<object>("Disconnect-TaskQueue; Get-TaskQueueConnection"));
        Assert.Equal(["b"], second.Values<string>("Get-QueueTask | ForEach-Object Id"));
    }

    [Fact]
    public void Disconnecting_twice_is_no_error()
    {
        using QueueSession session = new();
        Assert.Empty(session.Values<object>("Disconnect-TaskQueue; Disconnect-TaskQueue"));
    }

    [Theory]
    [InlineData("Disconnect-TaskQueue")]
    [InlineData("Remove-Module TaskQueue")]
    [InlineData("Connect-TaskQueue $other -Create")]
    public void A_closed_connection_holds_no_file(string close)
    {
        using QueueSession session = new();
        session.Add("a");
        session.Values<object>("$null = Get-QueueTask; $null = Measure-TaskQueue");
        session.Values<object>(close, ("other", session.InFolder("other.db")));
        AssertClosed(session.Queue);
    }

    [Fact]
    public void A_forced_import_closes_the_connection_and_the_module_goes_on()
    {
        using QueueSession session = new();
        session.Add("a");
        session.Values<object>("Import-Module $manifest -Force", ("manifest", BuiltModule.Manifest));
        Assert.Equal("a", session.Value<string>("$null = Connect-TaskQueue $queue; (Get-QueueTask).Id", ("queue", session.Queue)));
        Assert.Empty(session.Values<object>("Remove-Module TaskQueue"));
        AssertClosed(session.Queue);
    }

    [Fact]
    public void A_closed_runspace_holds_no_file()
    {
        using QueueSession keeper = new();
        var other = keeper.AddQueue("other.db", "a");
        AssertClosed(other);
    }

    [Fact]
    public void A_command_with_its_own_queue_closes_it_at_its_end()
    {
        using QueueSession session = new();
        var other = session.AddQueue("other.db", "a");
        session.Values<object>(
            "Get-QueueTask -Queue $other | Stop-QueueTask; foreach ($once in 1) { Get-QueueTask -Queue $other | ForEach-Object { break } }",
            ("other", other));
        AssertClosed(other);
    }

    private static void AssertClosed(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            Assert.DoesNotContain(
                Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(entry => new FileInfo(entry).LinkTarget),
                target => target?.StartsWith(path, StringComparison.Ordinal) == true);
        }

        // Where no file tells who holds it: Windows lets nobody rename an open one.
        File.Move(path, path + ".moved");
    }
}
