using System.Management.Automation;
using System.Security;
using TaskQueue.TestPostgres;

namespace TaskQueue.PowerShell.Tests;

/// <summary>The commands on a queue that is on a server.</summary>
public sealed class PostgresCmdletTests : IDisposable
{
    private readonly QueueSession _file = new();
    private readonly PostgresLocation _server = PostgresCluster.Shared.NewQueue();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_queue_moves_to_a_server_and_back_and_a_rerun_brings_what_is_new()
    {
        _file.Add("a", "b");
        _file.Import("done", "success");
        _file.AddRunning("busy");
        string[] there = ["a=pending", "b=pending", "done=success", "busy=pending"];

        Assert.Equal("4 0 0 0", Copied(_file.Queue, _server.ToString()));
        _file.Add("c");
        _file.Values<PSObject>("Stop-QueueTask a -Queue $q", ("q", _file.Queue));
        Assert.Equal("1 1 3 0", Copied(_file.Queue, _server.ToString()));
        Assert.Equal(["a=cancelled", .. there[1..], "c=pending"], _file.StateOf(_server.ToString()).Split(' '));
        Assert.Equal("5 0 0 0", Copied(_server.ToString(), _file.InFolder("back.db")));
        Assert.Equal(_file.StateOf(_server.ToString()), _file.StateOf(_file.InFolder("back.db")));
        Assert.Equal(
            ["cancel"], _file.Values<string>("Get-QueueTaskHistory a -Queue $q | ForEach-Object Event", ("q", _file.InFolder("back.db"))));
    }

    [Fact]
    public void Tasks_of_a_queue_connected_by_a_credential_are_stopped_in_other_runspaces()
    {
        Connect();
        _file.Values<object>("$null = 1..20 | New-QueueTask work");
        Assert.Equal(Enumerable.Repeat("cancelled", 20), _file.Values<string>(
            """
            Get-QueueTask | ForEach-Object -ThrottleLimit 3 -Parallel {
                Import-Module $using:manifest
                ($_ | Stop-QueueTask -PassThru).StatusText
            }
            """,
            ("manifest", BuiltModule.Manifest)));
    }

    [Fact]
    public void What_a_connection_and_its_tasks_show_has_no_password()
    {
        var shown = Connect();
        _file.Add("a");
        Assert.Equal("PostgreSQL True", _file.Value<string>("$c = Get-TaskQueueConnection; \"$($c.Kind) $($c.IsReachable)\""));
        Assert.Equal([shown, shown], _file.Values<string>("(Get-TaskQueueConnection).Queue; (Get-QueueTask a).Queue"));
        Assert.DoesNotContain(_server.Password!, shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_says_how_it_learns_of_changes()
    {
        Connect();
        Assert.Equal("Listening", _file.Value<string>("\"$((Get-TaskQueueConnection).News)\""));
        Assert.DoesNotContain(
            "News", _file.Run("Get-TaskQueueConnection | Out-String -Width 200 | Out-Default").HostText, StringComparison.Ordinal);

        var pooled = PostgresPooler.Shared.Before(_server).ToString();
        var shown = _file.Run("Connect-TaskQueue $pooled | Out-String -Width 200 | Out-Default", ("pooled", pooled));

        Assert.Matches(@"Oldest running +News", shown.HostText);
        Assert.Matches(@"PostgreSQL +TaskQueue .* Polling", shown.HostText);
    }

    [Fact]
    public void A_record_that_the_server_cannot_hold_is_refused_without_those_beside_it()
    {
        Connect();
        var result = _file.Run(
            "'a', $long, 'b' | ForEach-Object { [pscustomobject]@{ Id = $_; Type = 'work'; Status = 'pending' } } | Import-QueueTask",
            ("long", new string('☃', 1_000)));
        var error = Assert.Single(result.Errors);
        Assert.Contains("3,000 bytes", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("a=pending b=pending", _file.StateOf(_server.ToString()));
    }

    [Fact]
    public void A_worker_runs_script_blocks_that_use_its_queue()
    {
        Connect();
        _file.Add("a", "b");
        _file.Values<PSObject>(
            "Start-QueueWorker -Handler @{ work = { New-QueueTask next -Id \"next-$($Task.Id)\" | ForEach-Object Id } "
                + "} -Drain -Concurrency 2");
        Assert.Equal(
            ["a=success", "b=success", "next-a=pending", "next-b=pending"],
            _file.Values<string>("Get-QueueTask | ForEach-Object { \"$($_.Id)=$($_.StatusText)\" }").Order());
    }

    [Fact]
    public void A_cleanup_plans_backs_up_stops_and_is_undone()
    {
        Connect();
        _file.Add("waits");
        _file.AddRunning("stuck");
        var folder = _file.InFolder("backups");
        Directory.CreateDirectory(folder);

        _file.Values<PSObject>("Invoke-StuckTaskCleanup -WhatIf -BackupPath $folder", ("folder", folder));
        Assert.Empty(Directory.GetFiles(folder));
        Assert.Equal(["running"], _file.Values<string>("(Get-QueueTask stuck).StatusText"));

        _file.Values<PSObject>("$report = Invoke-StuckTaskCleanup -BackupPath $folder", ("folder", folder));
        Assert.Equal(["failed"], _file.Values<string>("(Get-QueueTask stuck).StatusText"));
        var backup = Assert.Single(Directory.GetFiles(folder));
        Assert.Equal("waits=pending stuck=running", _file.StateOf(backup));

        _file.Values<PSObject>("Undo-QueueOperation $report.OperationId");
        // As it was: no worker was known to hold it.
        Assert.Equal(["running"], _file.Values<string>("(Get-QueueTask stuck).StatusText"));
    }

    [Fact]
    public void A_backup_is_restored_into_the_server_after_one_of_the_present_state()
    {
        Connect();
        _file.Add("a", "b");
        var folder = _file.InFolder("backups");
        Directory.CreateDirectory(folder);
        var backup = Path.Combine(folder, "kept.db");
        _file.Values<PSObject>("Backup-TaskQueue -DestinationPath $path", ("path", backup));
        _file.Values<PSObject>("Get-QueueTask | Remove-QueueTask; New-QueueTask work -Id later");

        var previous = _file.Value<string>(
            "$restored = Restore-TaskQueue -BackupPath $path -Confirm:$false; $restored.PreviousState", ("path", backup));

        Assert.Equal(2, _file.Value<int>("[int]$restored.Tasks"));
        Assert.Equal(["a=pending", "b=pending"], _file.Values<string>("Get-QueueTask | ForEach-Object { \"$($_.Id)=$($_.StatusText)\" }"));
        Assert.Equal("later=pending", _file.StateOf(previous));
        File.Delete(previous);
    }

    [Fact]
    public void Only_Create_makes_a_queue_on_a_server_and_WhatIf_does_not()
    {
        var variables = ("q", (object?)_server.ToString());
        ExpectedError("Connect-TaskQueue $q", "QueueNotFound", variables);
        _file.Values<object>("Connect-TaskQueue $q -Create -WhatIf", variables);
        ExpectedError("Get-QueueTask -Queue $q", "QueueNotFound", variables);
        _file.Values<object>("Connect-TaskQueue $q -Create", variables);
        Assert.Empty(_file.Values<object>("Get-QueueTask -Queue $q", variables));
    }

    [Fact]
    public void A_reader_reads_and_measures_and_is_told_what_it_may_not_do()
    {
        Connect();
        _file.Add("a");
        var reader = PostgresCluster.Shared.NewUser() with { Schema = _server.Schema };
        PostgresCluster.Shared.Execute(
            $"GRANT USAGE ON SCHEMA {_server.Schema} TO {reader.User}; GRANT SELECT "
                + $"ON ALL TABLES IN SCHEMA {_server.Schema} TO {reader.User}");
        var variables = ("q", (object?)reader.ToString());
        // Else the connected user's rights would count: it is the same queue.
        _file.Values<object>("Disconnect-TaskQueue");

        Assert.Equal(["a"], _file.Values<string>("Get-QueueTask -Queue $q | ForEach-Object Id", variables));
        Assert.Equal(["1"], _file.Values<string>("\"$((Measure-TaskQueue -Queue $q).Pending)\"", variables));
        Assert.Equal(["True"], _file.Values<string>("\"$(Test-TaskQueue -Queue $q)\"", variables));
        ExpectedError("Stop-QueueTask a -Queue $q", "QueueUnavailable", variables);
        Assert.Equal(["pending"], _file.Values<string>("(Get-QueueTask a -Queue $q).StatusText", variables));
    }

    /// <summary>Connects the session to the queue on the server, by a credential; returns the location as it is shown.</summary>
    private string Connect()
    {
        using var password = new SecureString();
        _server.Password!.ToList().ForEach(password.AppendChar);
        return _file.Value<string>(
            "(Connect-TaskQueue $location -Credential $credential -Create).Queue",
            ("location", (_server with { Password = null }).ToString()), ("credential", new PSCredential(_server.User, password.Copy())));
    }

    private string Copied(string from, string to) => _file.Value<string>(
        "Copy-TaskQueue -Queue $from -Destination $to -WarningAction SilentlyContinue | ForEach-Object { \"$($_.Added) $($_.Updated) "
            + "$($_.Unchanged) $($_.Skipped)\" }",
        ("from", from), ("to", to));

    private void ExpectedError(string script, string id, (string, object?) variable)
    {
        var result = _file.Run(script, variable);
        var error = result.Failure ?? Assert.Single(result.Errors);
        Assert.StartsWith(id, error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.DoesNotContain(_server.Password!, error.ToString(), StringComparison.Ordinal);
    }
}
