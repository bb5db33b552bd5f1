using System.Collections;
using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What commands say of queues on servers that are not there, and that they never show a password.</summary>
public sealed class ServerLocationTests
{
    private const string Shown = "postgresql://ops@127.0.0.1:1/tasks";

    private static readonly string[] Commands =
    [
        "Connect-TaskQueue $location -Verbose",
        "Connect-TaskQueue $location -Verbose -WhatIf",
        "Connect-TaskQueue $location -Create -Verbose -WhatIf",
        "Connect-TaskQueue $location -Create -UtcOffset +08:00",
        "Get-QueueTask -Queue $location -Verbose",
        "Get-QueueTask a -Queue $location -Verbose",
        "[pscustomobject]@{ Id = 'a'; Queue = $location } | Get-QueueTask -Verbose",
        "[pscustomobject]@{ Id = 'a'; Queue = $location } | Stop-QueueTask -Force -Verbose -WhatIf",
        "[pscustomobject]@{ Id = 'a'; Queue = $location } | Stop-QueueTask -Queue $here -Verbose",
        "[pscustomobject]@{ Id = [guid]::NewGuid(); Queue = $location } | Stop-QueueWorker -Queue $here -Verbose",
        "[pscustomobject]@{ Id = [guid]::NewGuid(); Queue = $location } | Undo-QueueOperation -Queue $here -Verbose",
        "Get-QueueTask a | Stop-QueueTask -Queue $location -Verbose",
        "Get-QueueTask a | Complete-QueueTask -Queue $location -Verbose",
        "New-QueueTask work -Queue $location -Verbose -WhatIf",
        "Receive-QueueTask work -Queue $location -Verbose",
        "Start-QueueWorker -Handler @{ work = { } } -Queue $location -Drain -Verbose -WhatIf",
        "Measure-TaskQueue -Queue $location -Verbose",
        "Test-TaskQueue -Queue $location -Verbose",
        "Backup-TaskQueue -Queue $location -Verbose -WhatIf",
        "Backup-TaskQueue -DestinationPath $location -Verbose",
        "Restore-TaskQueue -Queue $location -BackupPath $here -Verbose -WhatIf",
        "Restore-TaskQueue -BackupPath $location -Verbose -WhatIf",
        "Copy-TaskQueue -Queue $location -Destination $here -Verbose",
        "Copy-TaskQueue -Destination $location -Verbose",
        "Copy-TaskQueue -Destination $location -Verbose -WhatIf",
        "Invoke-StuckTaskCleanup -Queue $location -Verbose -WhatIf",
        "Invoke-StuckTaskCleanup -BackupPath $location -MaxAge 1s -Verbose",
        "Optimize-TaskQueue -Queue $location -Verbose",
    ];

    [Theory]
    [InlineData("postgresql://ops:secret@127.0.0.1:1/tasks")]
    [InlineData("postgres://ops@127.0.0.1:1/tasks?password=secret&sslpassword=secret")]
    [InlineData("postgresql://127.0.0.1:1/tasks?user=ops&password=secret")]
    [InlineData("Host=127.0.0.1;Port=1;Username=ops;Password=secret;Database=tasks")]
    [InlineData("Database=tasks;Password=\"sec;secret\";Host=127.0.0.1;Port=1;User Id=ops")]
    [InlineData("Database=tasks; pwd = secret")]
    [InlineData("postgresql://ops:secret@secret@127.0.0.1:1/tasks")]
    [InlineData("postgresql://ops:secret/secret@127.0.0.1:1/tasks")]
    [InlineData("postgresql://ops:secret@127.0.0.1:1/tasks?colour=secret")]
    [InlineData("Host=127.0.0.1 Port=1 Password=secret")]
    [InlineData("dbname=tasks password=secret")]
    [InlineData("tcp://ops:secret@db01/tasks")]
    [InlineData("db01/tasks?password=secret")]
    [InlineData("/srv/tasks;Password=secret")]
    public void No_command_shows_a_password(string location)
    {
        using QueueSession session = new();
        session.Add("a");
        session.AddRunning("busy");
        Assert.All(Commands, command =>
        {
            var result = session.Run(command, ("location", location), ("here", session.Queue));
            var shown = string.Join(
                '\n',
                [
                    .. result.Errors.Append(result.Failure).OfType<ErrorRecord>().Select(TextOf),
                    .. result.Output.Select(value => value?.ToString()), .. result.Warnings, .. result.Verbose, result.HostText,
                ]);
            Assert.DoesNotContain("secret", shown, StringComparison.OrdinalIgnoreCase);
        });
        // What the session keeps of them.
        Assert.DoesNotContain(
            "secret",
            string.Join(
                '\n', ((IEnumerable)session.Module.Runspace.SessionStateProxy.GetVariable("Error")).OfType<ErrorRecord>().Select(TextOf)),
            StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("postgresql://ops:secret@127.0.0.1:1/tasks")]
    [InlineData("Host=127.0.0.1;Port=1;Username=ops;Password=secret;Database=tasks")]
    public void A_server_that_does_not_answer_is_named_in_the_error(string location)
    {
        using QueueSession session = new();
        foreach ((var command, var name) in new[]
        {
            ("Connect-TaskQueue $location", "ConnectTaskQueue"),
            ("Connect-TaskQueue $location -Create -WhatIf", "ConnectTaskQueue"),
            ("Get-QueueTask -Queue $location", "GetQueueTask"),
            ("[pscustomobject]@{ Id = 'a'; Queue = $location } | Stop-QueueTask", "StopQueueTask"),
            ("Copy-TaskQueue -Destination $location", "CopyTaskQueue"),
            ("Restore-TaskQueue -Queue $location -BackupPath $here -Confirm:$false", "RestoreTaskQueue"),
        })
        {
            var result = session.Run(command, ("location", location), ("here", session.Queue));
            var error = Assert.Single(result.Errors);
            ExpectedError.Is(error, "QueueUnavailable", name, ErrorCategory.ResourceUnavailable, Shown);
            Assert.Contains(Shown, error.ToString(), StringComparison.Ordinal);
            Assert.Empty(result.WhatIf);
        }

        Assert.Equal(session.Queue, session.Value<string>("(Get-TaskQueueConnection).Queue"));
    }

    [Fact]
    public void A_location_that_cannot_be_read_is_said_to_be_wrong_and_not_repeated()
    {
        using QueueSession session = new();
        var error = Assert.Single(session.Run("Get-QueueTask -Queue 'postgresql://ops:pass@word@db01/tasks'").Errors);
        ExpectedError.Is(error, "QueueUnavailable", "GetQueueTask", ErrorCategory.ResourceUnavailable, "a server");
        Assert.Contains("%40", ExpectedError.Advice(error), StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_of_a_file_is_not_looked_for_on_a_server_nor_the_other_way_round()
    {
        using QueueSession session = new();
        session.Add("a");
        var error = Assert.Single(session.Run("Get-QueueTask a | Stop-QueueTask -Queue $location", ("location", Shown)).Errors);
        ExpectedError.Is(error, "QueueMismatch", "StopQueueTask", ErrorCategory.InvalidArgument, "a");
        error = Assert.Single(session.Run(
            "[pscustomobject]@{ Id = 'a'; Queue = $location } | Stop-QueueTask -Queue $here", ("location", Shown),
            ("here", session.Queue)).Errors);
        Assert.Equal($"The task was read from '{Shown}', not from '{session.Queue}'.", error.ToString());
        Assert.Equal("a=pending", session.State);
    }

    [Theory]
    [InlineData("Connect-TaskQueue $here -Credential $credential", "-Credential is for queues on a server.")]
    [InlineData("Connect-TaskQueue $server -UtcOffset +08:00", "-UtcOffset is for files in the original's layout.")]
    [InlineData("Backup-TaskQueue -DestinationPath $server", "A server is named where a file is meant.")]
    [InlineData("Restore-TaskQueue -BackupPath $server -Confirm:$false", "A server is named where a file is meant.")]
    public void What_does_not_fit_the_kind_of_queue_is_refused(string command, string message)
    {
        using QueueSession session = new();
        var error = Assert.Single(
            session.Run(command, ("here", session.Queue), ("server", Shown), ("credential", Credential("ops"))).Errors);
        Assert.StartsWith("TaskInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(message, error.ToString());
        Assert.NotEmpty(ExpectedError.Advice(error));
    }

    [Fact]
    public void An_empty_credential_counts_as_none()
    {
        using QueueSession session = new();
        Assert.Equal(session.Queue, session.Value<string>(
            "(Connect-TaskQueue $here -Credential ([pscredential]::Empty)).Queue", ("here", session.Queue)));
    }

    [Fact]
    public void A_credential_of_another_user_than_the_location_names_is_refused()
    {
        using QueueSession session = new();
        var error = Assert.Single(session.Run(
            "Connect-TaskQueue $server -Credential $credential", ("server", Shown), ("credential", Credential("pia"))).Errors);
        ExpectedError.Is(error, "QueueUnavailable", "ConnectTaskQueue", ErrorCategory.ResourceUnavailable, "a server");
        Assert.Contains("another user", error.ToString(), StringComparison.Ordinal);
    }

    internal static PSCredential Credential(string user, string password = "secret")
    {
        System.Security.SecureString secure = new();
        password.ToList().ForEach(secure.AppendChar);
        return new PSCredential(user, secure);
    }

    private static string TextOf(ErrorRecord error) =>
        $"{error} {ExpectedError.Advice(error)} {error.Exception} {error.TargetObject} {error.CategoryInfo} "
            + $"{error.ErrorDetails} {error.FullyQualifiedErrorId}";
}
