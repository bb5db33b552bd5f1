using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>Which queue a command works on.</summary>
public sealed class QueueResolutionTests
{
    [Fact]
    public void The_connected_queue_is_meant_when_nothing_else_is_named()
    {
        using QueueSession session = new();
        session.Add("here");
        Assert.Equal(session.Queue, session.Value<string>("(Get-QueueTask here).Queue"));
        Assert.Equal(session.Queue, session.Value<string>("(Get-TaskQueueConnection).Queue"));
    }

    [Fact]
    public void A_named_queue_goes_before_the_connected_one()
    {
        using QueueSession session = new();
        session.Add("here");
        var other = session.AddQueue("other.db", "there");
        Assert.Equal(["there"], session.Values<string>("Get-QueueTask -Queue $other | ForEach-Object Id", ("other", other)));
    }

    [Fact]
    public void A_connection_object_names_its_queue()
    {
        using QueueSession session = new();
        var other = session.AddQueue("other.db", "there");
        Assert.Equal(["there"], session.Values<string>(
            """
            $former = Get-TaskQueueConnection
            $connection = Connect-TaskQueue $other
            Connect-TaskQueue $former | ForEach-Object { }
            Get-QueueTask -Queue $connection | ForEach-Object Id
            """,
            ("other", other)));
        Assert.Equal(session.Queue, session.Value<string>("(Get-TaskQueueConnection).Queue"));
    }

    [Theory]
    [InlineData("Stop-QueueTask -PassThru", "cancelled")]
    [InlineData("Set-QueueTask -Priority 1 -PassThru", "pending")]
    [InlineData("Get-QueueTask", "pending")]
    public void A_piped_task_is_changed_in_the_queue_it_came_from(string command, string status)
    {
        using QueueSession session = new();
        session.Add("twin");
        var other = session.AddQueue("other.db", "twin");
        Assert.Equal([other], session.Values<string>($"Get-QueueTask -Queue $other | {command} | ForEach-Object Queue", ("other", other)));
        Assert.Equal("twin=pending", session.State);
        Assert.Equal($"twin={status}", session.StateOf(other));
    }

    [Fact]
    public void Tasks_of_several_queues_in_one_pipeline_are_each_changed_in_their_own()
    {
        using QueueSession session = new();
        session.Add("a", "b");
        var other = session.AddQueue("other.db", "a", "b", "c");
        session.Values<PSObject>(
            "Get-QueueTask a; Get-QueueTask -Queue $other -Id b; Get-QueueTask b | Stop-QueueTask; " +
            "& { Get-QueueTask a; Get-QueueTask -Queue $other -Id c; Get-QueueTask -Queue $other -Id b } | Stop-QueueTask",
            ("other", other));
        Assert.Equal("a=cancelled b=cancelled", session.State);
        Assert.Equal("a=pending b=cancelled c=cancelled", session.StateOf(other));
    }

    [Fact]
    public void A_piped_task_of_another_queue_than_the_named_one_is_refused_and_the_rest_go_on()
    {
        using QueueSession session = new();
        session.Add("a", "b");
        var other = session.AddQueue("other.db", "a");
        var result = session.Run(
            "& { Get-QueueTask -Queue $other; Get-QueueTask b } | Stop-QueueTask -Queue $here -PassThru",
            ("other", other), ("here", session.Queue));

        ExpectedError.Is(Assert.Single(result.Errors), "QueueMismatch", "StopQueueTask", ErrorCategory.InvalidArgument, "a");
        Assert.Equal("b", Assert.Single(result.Output).Properties["Id"].Value);
        Assert.Equal("a=pending b=cancelled", session.State);
        Assert.Equal("a=pending", session.StateOf(other));
    }

    [Fact]
    public void Another_spelling_of_the_same_path_is_the_same_queue()
    {
        using QueueSession session = new();
        session.Add("a");
        var spelled = Path.Combine(session.Folder, "..", Path.GetFileName(session.Folder), "tasks.db");
        Assert.Equal("cancelled", session.Value<string>(
            "Get-QueueTask a | Stop-QueueTask -Queue $spelled -PassThru | ForEach-Object StatusText", ("spelled", spelled)));
    }

    [Fact]
    public void A_path_is_relative_to_the_location_of_PowerShell()
    {
        using QueueSession session = new();
        session.Add("a");
        Assert.Equal(["a", "a", "a"], session.Values<string>(
            """
            $ExecutionContext.SessionState.Path.SetLocation($folder) | ForEach-Object { }
            Get-QueueTask -Queue tasks.db | ForEach-Object Id
            Get-QueueTask -Queue ./tasks.db | ForEach-Object Id
            Disconnect-TaskQueue
            [pscustomobject]@{ Id = 'a'; Queue = 'tasks.db' } | Stop-QueueTask -PassThru | ForEach-Object Id
            """,
            ("folder", session.Folder)));
    }

    [Theory]
    [InlineData("with space & [brackets] 'quotes' $dollar.db")]
    [InlineData("日本語 🚚.db")]
    [InlineData("percent%20#hash;mode=ro.db")]
    public void A_path_with_special_characters_is_taken_literally(string name)
    {
        using QueueSession session = new();
        Assert.Equal(session.InFolder(name), session.Value<string>(
            "(Connect-TaskQueue $path -Create).Queue; New-QueueTask work -Id a | Stop-QueueTask", ("path", session.InFolder(name))));
        Assert.Equal("a=cancelled", session.StateOf(session.InFolder(name)));
        Assert.Contains(name, session.Files);
    }

    [Fact]
    public void Without_a_connection_the_environment_and_then_the_users_own_file_are_meant()
    {
        var folder = Directory.CreateTempSubdirectory("taskqueue-").FullName;
        try
        {
            Assert.SkipWhen(OperatingSystem.IsWindows(), "The folder of application data cannot be moved by a variable there.");
            var script = Path.Combine(folder, "script.ps1");
            File.WriteAllText(script, """
                param($folder)
                $ExecutionContext.SessionState.Path.SetLocation($folder) | ForEach-Object { }
                $env:XDG_DATA_HOME = "$folder/data"
                $env:TASKQUEUE = ''
                Connect-TaskQueue -Create | ForEach-Object Queue
                New-QueueTask work -Id own | ForEach-Object Id
                Connect-TaskQueue env.db -Create | ForEach-Object Queue
                New-QueueTask work -Id env | ForEach-Object Id
                Disconnect-TaskQueue
                Get-TaskQueueConnection
                $env:TASKQUEUE = 'env.db'
                Get-QueueTask | ForEach-Object Id
                $env:TASKQUEUE = ''
                Get-QueueTask | ForEach-Object Id
                $env:TASKQUEUE = 'typo.db'
                try { Get-QueueTask -ErrorAction Stop } catch { "$_" }
                """);
            (var exitCode, var output, var error) = ShellProcess.Run(Shell.Console, "", "-File", script, folder);
            Assert.Equal("", error);
            Assert.Equal(
                [
                    $"{folder}/data/TaskQueue/task_queue.db", "own", $"{folder}/env.db", "env", "env", "own",
                    $"There is no queue at '{folder}/typo.db'. It is named by the variable TASKQUEUE.",
                ],
                output.Split('\n'));
            Assert.Equal(0, exitCode);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_new_connection_takes_the_place_of_the_old_one_and_a_failed_one_does_not()
    {
        using QueueSession session = new();
        var other = session.AddQueue("other.db", "there");
        var failed = session.Run("Connect-TaskQueue $missing", ("missing", session.InFolder("missing.db")));
        ExpectedError.Is(
            Assert.Single(failed.Errors), "QueueNotFound", "ConnectTaskQueue", ErrorCategory.ObjectNotFound,
            session.InFolder("missing.db"));
        Assert.Equal(session.Queue, session.Value<string>("(Get-TaskQueueConnection).Queue"));

        session.Values<PSObject>("Connect-TaskQueue $other", ("other", other));
        Assert.Equal(["there"], session.Values<string>("Get-QueueTask | ForEach-Object Id"));
    }
}
