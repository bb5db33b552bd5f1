using System.Management.Automation;
using System.Reflection;

namespace TaskQueue.PowerShell.Tests;

public sealed class ImportQueueTaskTests
{
    // Every property that is stored, in one line.
    private const string Shown =
        """
        filter Show {
            $culture = [cultureinfo]::InvariantCulture
            $times = 'CreatedAt', 'DueAt', 'StartedAt', 'HeartbeatAt', 'CompletedAt', 'StateSince' | ForEach-Object { [Convert]::ToString($record.$_, $culture) }
            $record = $_
            (@('Id', 'Type', 'StatusText', 'Priority', 'DataJson', 'ResultJson', 'ErrorMessage', 'RetryCount', 'MaxRetries', 'Attempt', 'Recoveries',
               'RecoveryHistory', 'Timeout', 'CreatedAt', 'DueAt', 'StartedAt', 'HeartbeatAt', 'CompletedAt', 'StateSince', 'Worker', 'Progress', 'ProgressMessage') |
                ForEach-Object { $v = $record.$_; if ($v -is [DateTimeOffset]) { $v = $v.UtcDateTime.ToString('s') }; "$_=$v" }) -join ';'
        }

        """;

    private const string Full =
        """
        $base = [DateTimeOffset]'2025-12-16T22:05:06Z'
        $seed = foreach ($status in 'pending', 'retry', 'running', 'success', 'failed', 'cancelled') {
            [pscustomobject]@{
                Id = "id $status"; Type = 'work'; Status = $status; Priority = 7; Data = @{ n = 1 }; Result = @(1, 'x'); ErrorMessage = 'e'
                RetryCount = 1; MaxRetries = 4; Attempt = 2; Recoveries = 1; RecoveryHistory = '1765922706000,-1765922707000'; Timeout = '00:05:00'; CreatedAt = $base; DueAt = $base.AddMinutes(1)
                StartedAt = $base.AddMinutes(2); HeartbeatAt = $base.AddMinutes(3)
                CompletedAt = if ($status -in 'success', 'failed', 'cancelled') { $base.AddMinutes(4) }
                StateSince = $base.AddMinutes(2); Worker = 'web01:4711'; Progress = 40.5; ProgressMessage = 'rendering'
            }
        }
        $seed | Import-QueueTask

        """;

    /// <summary>
    /// What no import sets: a claim and what belongs to it, what is judged or reckoned at each reading, and the queue, which is another.
    /// </summary>
    private static readonly string[] NotImported =
        ["Age", "BegunAt", "ClaimToken", "Evidence", "Gate", "ProgressAt", "Queue", "Remark", "Verdict", "WorkerId"];

    [Fact]
    public void Every_property_of_a_task_is_imported_or_named_here()
    {
        using ModuleSession session = new();
        var task = EngineReflection.TypeOf("TaskQueue", "TaskQueue.QueueTask");
        PropertyInfo[] properties = [.. task.GetProperties().Where(property => property.SetMethod is { IsPublic: true })];
        var samples = properties.ToDictionary(property => property.Name, property => SampleOf(property));
        PSObject record = new();
        foreach ((var name, var value) in samples)
            record.Properties.Add(new PSNoteProperty(name, value));

        var imported = EngineReflection.TypeOf("TaskQueue.PowerShell", "TaskQueue.PowerShell.ImportedTask")
            .GetMethod("Read", BindingFlags.Static | BindingFlags.Public)!.Invoke(
                null, [record, DateTimeOffset.UnixEpoch, "the queue imported to"])!;

        string[] lost = [.. properties
            .Where(property => !Equals(samples[property.Name], property.GetValue(imported)))
            .Select(property => property.Name)
            .Order(StringComparer.Ordinal)];
        Assert.True(
            NotImported.SequenceEqual(lost),
            $"ImportedTask reads all but: {string.Join(", ", lost)}. Let it read a new property, or name that in {nameof(NotImported)}.");
    }

    [Theory]
    [InlineData("$_")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($_))")]
    [InlineData(
        "$c = [pscustomobject]@{}; foreach ($p in $_.PSObject.Properties) { "
            + "$c.PSObject.Properties.Add([psnoteproperty]::new($p.Name, $p.Value)) }; $c")]
    [InlineData("$h = @{}; foreach ($p in $_.PSObject.Properties) { $h[$p.Name] = $p.Value }; $h")]
    [InlineData(
        "$c = [pscustomobject]@{}; foreach ($p in $_.PSObject.Properties) { $c.PSObject.Properties.Add([psnoteproperty]::new($p.Name, "
            + "\"$($p.Value)\")) }; $c")]
    public void What_was_read_is_imported_with_its_full_state(string shape)
    {
        using QueueSession session = new();
        var other = session.AddQueue("other.db");
        var before = session.Values<string>(Shown + Full + "Get-QueueTask | Show");
        var after = session.Values<string>(
            Shown + $"Get-QueueTask | ForEach-Object {{ {shape} }} | Import-QueueTask -Queue $other; Get-QueueTask -Queue $other | Show",
            ("other", other));
        Assert.Equal(6, before.Count);
        Assert.Equal(before, after);
        Assert.Contains("Progress=40.5;ProgressMessage=rendering", before[2], StringComparison.Ordinal);
    }

    [Fact]
    public void An_import_of_nothing_new_leaves_no_operation_and_a_dry_run_tells_why()
    {
        using QueueSession session = new();
        session.Add("a");
        foreach (var flag in new[] { "", "-WhatIf" })
        {
            var error = Assert.Single(
                session.Run($"[pscustomobject]@{{ Id = 'a'; Type = 'work'; Status = 'failed' }} | Import-QueueTask {flag}").Errors);
            Assert.Equal("There is a task 'a' already.", error.ToString());
        }

        Assert.Empty(session.Values<object>("Get-QueueOperation"));
    }

    [Fact]
    public void A_status_that_is_none_is_told_with_those_that_are()
    {
        using QueueSession session = new();
        Assert.Equal(
            "Status 'done' is not one of Pending, Retry, Running, Success, Failed, Cancelled.",
            Assert.Single(session.Run("[pscustomobject]@{ Type = 'work'; Status = 'done' } | Import-QueueTask").Errors).ToString());
    }

    [Fact]
    public void A_time_without_an_offset_is_local_and_one_with_it_is_not()
    {
        using QueueSession session = new();
        Assert.Equal(["True", "True"], session.Values<string>(
            """
            & { @{ Id = 'a'; Type = 'x'; Status = 'pending'; CreatedAt = '2025-12-16 22:05:00' }
                @{ Id = 'b'; Type = 'x'; Status = 'pending'; CreatedAt = '2025-12-16T22:05:00+08:00' } } | Import-QueueTask
            "$((Get-QueueTask a).CreatedAt.LocalDateTime -eq [datetime]'2025-12-16T22:05:00')"
            "$((Get-QueueTask b).CreatedAt.UtcDateTime -eq [datetime]::new(2025, 12, 16, 14, 5, 0))"
            """));
    }

    [Fact]
    public void Type_and_status_are_enough()
    {
        using QueueSession session = new();
        Assert.Equal("pending 5 3 0 True", session.Value<string>(
            """
            @{ Type = 'x'; Status = 'pending' } | Import-QueueTask -PassThru |
                ForEach-Object { "$($_.StatusText) $($_.Priority) $($_.MaxRetries) $($_.Attempt) $($_.DueAt -eq $_.CreatedAt)" }
            """));
    }

    [Fact]
    public void A_lease_is_never_carried_live()
    {
        using QueueSession session = new();
        session.Values<object>(
            """
            @{ Id = 'a'; Type = 'x'; Status = 'running'; StartedAt = [DateTimeOffset]::UtcNow.AddHours(-2); HeartbeatAt = [DateTimeOffset]::UtcNow
               LeaseExpiresAt = [DateTimeOffset]::UtcNow.AddDays(9); Worker = 'w' } | Import-QueueTask
            """);
        Assert.Equal(
            "Dead True",
            session.Value<string>("$t = Get-QueueTask a; \"$($t.Verdict) $($t.LeaseExpiresAt -le [DateTimeOffset]::UtcNow)\""));
    }

    [Theory]
    [InlineData("@{ Type = 'x' }", "no Status")]
    [InlineData("@{ Status = 'pending' }", "Type is empty")]
    [InlineData("@{ Type = 'x'; Status = 'sleeping' }", "Status 'sleeping'")]
    [InlineData("@{ Type = 'x'; Status = 'Unknown'; StatusText = 'odd' }", "odd")]
    [InlineData("@{ Type = 'x'; Status = 'running' }", "no StartedAt")]
    [InlineData("@{ Type = 'x'; Status = 'pending'; Priority = 0 }", "Priority 0")]
    [InlineData("@{ Type = 'x'; Status = 'pending'; MaxRetries = -1 }", "MaxRetries -1")]
    [InlineData("@{ Type = 'x'; Status = 'pending'; Attempt = -1 }", "out of range")]
    [InlineData("@{ Type = 'x'; Status = 'pending'; CreatedAt = 'yesterday' }", "CreatedAt 'yesterday'")]
    [InlineData("@{ Type = 'x'; Status = 'pending'; Data = [double]::NaN }", "Data is the number NaN")]
    [InlineData("@{ Type = 'x'; Status = 'success'; Result = @{ n = [double]::NaN } }", "Result.n is the number NaN")]
    [InlineData("@{ Id = 'taken'; Type = 'x'; Status = 'pending' }", "There is a task 'taken' already")]
    public void A_record_that_is_no_task_is_an_error_about_it_and_the_rest_go_on(string record, string message)
    {
        using QueueSession session = new();
        session.Add("taken");
        var result = session.Run(
            $"& {{ @{{ Id = 'a'; Type = 'x'; Status = 'pending' }}; {record}; @{{ Id = 'b'; Type = 'x'; Status = 'failed' }} }} | "
                + "Import-QueueTask -PassThru");
        var error = Assert.Single(result.Errors);
        Assert.Equal("TaskInvalid,TaskQueue.PowerShell.Commands.ImportQueueTaskCommand", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.IsType<System.Collections.Hashtable>(((PSObject)error.TargetObject).BaseObject);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["a", "b"], result.Output.Select(task => task.Properties["Id"].Value));
        Assert.Equal("taken=pending a=pending b=failed", session.State);
    }

    [Fact]
    public void What_if_imports_nothing()
    {
        using QueueSession session = new();
        var result = session.Run("@{ Id = 'a'; Type = 'x'; Status = 'failed' } | Import-QueueTask -WhatIf");
        Assert.Empty(result.Values<object>());
        Assert.Contains("Import failed task", Assert.Single(result.WhatIf), StringComparison.Ordinal);
        Assert.Equal("", session.State);
    }

    /// <summary>A value that no default is equal to.</summary>
    private static object? SampleOf(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type switch
        {
            { Name: "QueueTaskStatus" } => Enum.Parse(type, "Unknown"),
            { IsEnum: true } => Enum.GetValues(type).GetValue(1),
            { Name: "RecoveryHistory" } => Activator.CreateInstance(type, "1765922706000"),
            _ when property.Name.EndsWith("Json", StringComparison.Ordinal) => $"{{\"{property.Name}\":1}}",
            _ when type == typeof(string) => property.Name,
            _ when type == typeof(bool) => true,
            _ when type == typeof(int) => 7,
            _ when type == typeof(double) => 40.5,
            _ when type == typeof(TimeSpan) => TimeSpan.FromMinutes(7),
            _ when type == typeof(DateTimeOffset) => new DateTimeOffset(2025, 12, 16, 22, 5, 6, TimeSpan.Zero),
            _ when type == typeof(Guid) => Guid.NewGuid(),
            _ => throw new NotSupportedException($"Give {nameof(SampleOf)} a sample of {type} for {property.Name}."),
        };
    }
}
