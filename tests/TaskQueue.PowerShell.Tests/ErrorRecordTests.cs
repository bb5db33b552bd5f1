using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>The ids of errors about the queue as a whole; those about tasks are with the commands.</summary>
public sealed class ErrorRecordTests
{
    [Theory]
    [InlineData("no database at all, but long enough to have been one")]
    [InlineData("")]
    public void A_file_that_is_no_queue_is_refused(string content)
    {
        using QueueSession session = new();
        var path = session.InFolder("notes.txt");
        File.WriteAllText(path, content);
        AssertFormatInvalid(session, path);
        Assert.Equal(content, File.ReadAllText(path));
    }

    [Fact]
    public void A_folder_is_refused()
    {
        using QueueSession session = new();
        AssertFormatInvalid(session, session.Folder);
    }

    [Fact]
    public void A_database_of_something_else_is_refused()
    {
        using QueueSession session = new();
        var path = session.InFolder("other.db");
        using (var other = EngineReflection.OpenDatabase(path))
            other.Execute("CREATE TABLE songs (title TEXT)");
        AssertFormatInvalid(session, path);
    }

    [Fact]
    public void A_queue_of_a_newer_version_is_refused()
    {
        using QueueSession session = new();
        var path = session.AddQueue("newer.db", "a");
        using (var newer = EngineReflection.OpenDatabase(path))
            newer.Execute("PRAGMA user_version = 9999");
        AssertFormatInvalid(session, path);
    }

    [Fact]
    public void An_error_about_the_queue_ends_the_pipeline_at_its_first_record()
    {
        using QueueSession session = new();
        var result = session.Run(
            "'a', 'b', 'c' | Stop-QueueTask -Queue $missing", ("missing", session.InFolder("missing.db")));
        ExpectedError.Is(
            Assert.Single(result.Errors), "QueueNotFound", "StopQueueTask", ErrorCategory.ObjectNotFound, session.InFolder("missing.db"));
    }

    [Theory]
    [InlineData("Stop-QueueTask a")]
    [InlineData("Get-QueueTask none")]
    [InlineData("New-QueueTask")]
    public void An_error_about_a_task_can_be_silenced_and_caught(string command)
    {
        using QueueSession session = new();
        Assert.Empty(session.Values<object>($"{command} -ErrorAction SilentlyContinue"));
        Assert.Equal(
            "caught", session.Value<string>($"try {{ {command} -ErrorAction Stop }} catch [TaskQueue.TaskQueueException] {{ 'caught' }}"));
    }

    [Theory]
    [InlineData("Get-QueueTask ''", "The value is null or blank.")]
    [InlineData("Stop-QueueTask ''", "The value is null or blank.")]
    [InlineData("Stop-QueueTask ([pscustomobject]@{ Name = 'a' })", "The object has no Id.")]
    [InlineData("Undo-QueueOperation ' '", "The value is null or blank.")]
    [InlineData("Undo-QueueOperation ([pscustomobject]@{ Name = 'a' })", "The object has neither an OperationId nor an Id.")]
    [InlineData("Stop-QueueWorker web01", "'web01' is not the id of a worker; Get-QueueWorker tells the ids.")]
    [InlineData("Get-QueueTask -Queue ' '", "The value is null or blank.")]
    [InlineData("Get-QueueTask -Queue ([pscustomobject]@{ Name = 'a' })", "It is neither the location of a queue nor a connection.")]
    [InlineData("New-QueueTask work -Delay ([TimeSpan]::FromHours(-1))", "'-01:00:00' is not a duration. It is negative.")]
    public void What_is_nothing_that_a_parameter_takes_is_told_in_our_own_words(string command, string message)
    {
        using QueueSession session = new();
        var error = Assert.Single(session.Run(command).Errors).ToString();
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter '", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_recommendation_is_shown_with_the_error()
    {
        using QueueSession session = new();
        session.AddRunning("busy");
        var result = session.Run("Stop-QueueTask busy 2>&1 | Out-Default");
        Assert.Contains("A running task is stopped only with -Force.", result.HostText, StringComparison.Ordinal);
    }

    private static void AssertFormatInvalid(QueueSession session, string path)
    {
        var result = session.Run("Get-QueueTask -Queue $path", ("path", path));
        ExpectedError.Is(Assert.Single(result.Errors), "QueueFormatInvalid", "GetQueueTask", ErrorCategory.InvalidData, path);
    }

    [Theory]
    [InlineData("Get-QueueTask 'job['")]
    [InlineData("Get-QueueTask -Type 'job['")]
    [InlineData("Get-QueueTask -Worker 'job['")]
    [InlineData("Get-QueueWorker -MachineName 'job['")]
    [InlineData("Get-QueueOperation -Kind 'job['")]
    [InlineData("Measure-TaskQueue -Type 'job['")]
    [InlineData("Invoke-StuckTaskCleanup -Type 'job[' -NoBackup")]
    public void A_pattern_that_is_none_is_an_error_that_says_so(string command)
    {
        using QueueSession session = new();
        session.Add("a");
        var error = Assert.Single(session.Run(command).Errors);
        Assert.StartsWith("TaskInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("'job[' is not a valid pattern.", error.ToString());
    }

    [Fact]
    public void A_worker_of_an_empty_queue_is_looked_for_in_the_connected_one()
    {
        using QueueSession session = new();
        var error = Assert.Single(session.Run("[pscustomobject]@{ Id = [guid]::Empty; Queue = '' } | Stop-QueueWorker").Errors);
        Assert.StartsWith("WorkerNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
