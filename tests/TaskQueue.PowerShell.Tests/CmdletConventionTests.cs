using System.Management.Automation;
using System.Reflection;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What all cmdlets of the module have in common.</summary>
public sealed class CmdletConventionTests
{
    private static readonly string[] Changing = [
        "Backup", "Connect", "Copy", "Import", "Invoke", "New", "Optimize", "Remove", "Restart", "Restore", "Set", "Start", "Stop", "Undo",
    ];

    private static readonly string[] Positions = [
        "0 Id", "0 Type", "0 Queue", "0 InputObject", "0 OperationId", "0 DestinationPath", "0 Destination", "0 BackupPath", "1 Data",
    ];

    private static readonly Lazy<IReadOnlyList<Type>> Types = new(() =>
    {
        using ModuleSession session = new();
        return session.Run("(Get-Module TaskQueue).ExportedCmdlets.Values | ForEach-Object ImplementingType").Values<Type>();
    });

    public static TheoryData<string> Names => [.. Types.Value.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Verbs_are_approved(string name)
    {
        var approved = typeof(VerbsCommon).Assembly.GetExportedTypes()
            .Where(type => type.Name.StartsWith("Verbs", StringComparison.Ordinal) && type is { IsAbstract: true, IsSealed: true })
            .SelectMany(type => type.GetFields().Select(field => (string)field.GetValue(null)!));
        Assert.Contains(Attribute(name).VerbName, approved);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Commands_that_change_something_ask_and_no_others(string name) =>
        Assert.Equal(Changing.Contains(Attribute(name).VerbName), Attribute(name).SupportsShouldProcess);

    [Theory]
    [MemberData(nameof(Names))]
    public void Only_a_restore_asks_without_being_told_to(string name) =>
        Assert.Equal(Attribute(name).VerbName == "Restore", Attribute(name).ConfirmImpact is ConfirmImpact.High);

    [Theory]
    [MemberData(nameof(Names))]
    public void Positions_are_0_for_what_it_is_about_and_1_for_data(string name)
    {
        foreach ((var property, var parameter) in Parameters(name).Where(row => row.Parameter.Position >= 0))
            Assert.Contains($"{parameter.Position} {property.Name}", Positions);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void One_parameter_at_most_takes_whole_objects_from_the_pipeline(string name) =>
        Assert.InRange(Parameters(name).Count(row => row.Parameter.ValueFromPipeline), 0, 1);

    [Theory]
    [MemberData(nameof(Names))]
    public void Lengths_of_time_are_durations_and_flags_are_switches(string name)
    {
        string[] durations = [
            "OlderThan", "NewerThan", "MaxAge", "Timeout", "Delay", "LeaseTime", "GracePeriod", "RetryDelay", "Since", "KeepEvents",
            "KeepRemoved",
        ];
        foreach ((var property, _) in Parameters(name))
        {
            Assert.NotEqual(typeof(bool), property.PropertyType);
            if (durations.Contains(property.Name))
                Assert.Equal("Duration", property.PropertyType.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Whatever_the_log_keeps_can_be_given_a_reason(string name)
    {
        string[] acting = [
            "StopQueueTask", "RestartQueueTask", "RemoveQueueTask", "SetQueueTask", "ImportQueueTask", "InvokeStuckTaskCleanup",
            "RestoreTaskQueue", "CopyTaskQueue", "UndoQueueOperation",
        ];
        if (acting.Contains(name[..^"Command".Length]))
            Assert.Equal(typeof(string), TypeOf(name).GetProperty("Reason")?.PropertyType);
    }

    [Fact]
    public void A_duration_is_made_of_a_text_or_a_time_span_and_nothing_else()
    {
        using ModuleSession session = new();
        Assert.Equal(["String", "TimeSpan"], session.Run(
            "[TaskQueue.Duration].GetConstructors() | ForEach-Object { $_.GetParameters()[0].ParameterType.Name }")
                .Values<string>()
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("BackupTaskQueue", "Backup-TaskQueue")]
    [InlineData("CompleteQueueTask", "Receive-QueueTask work | Complete-QueueTask -PassThru")]
    [InlineData("ConnectTaskQueue", "Connect-TaskQueue $queue")]
    [InlineData("CopyTaskQueue", "Copy-TaskQueue -Destination $copy")]
    [InlineData("DisconnectTaskQueue", "Disconnect-TaskQueue")]
    [InlineData("GetQueueOperation", "Get-QueueOperation")]
    [InlineData("GetQueueTaskHistory", "Get-QueueTaskHistory; Get-QueueTaskHistory c")]
    [InlineData("GetQueueTask", "Get-QueueTask; Get-QueueTask -Stuck; Get-QueueTask a")]
    [InlineData("GetQueueWorker", "$null = Receive-QueueTask work; Get-QueueWorker")]
    [InlineData("GetTaskQueueConnection", "Get-TaskQueueConnection")]
    [InlineData("ImportQueueTask", "@{ Type = 'x'; Status = 'failed' } | Import-QueueTask -PassThru")]
    [InlineData("InvokeStuckTaskCleanup", "Invoke-StuckTaskCleanup; Invoke-StuckTaskCleanup -WhatIf")]
    [InlineData("MeasureTaskQueue", "Measure-TaskQueue")]
    [InlineData("NewQueueTask", "New-QueueTask work")]
    [InlineData("ReceiveQueueTask", "Receive-QueueTask work")]
    [InlineData("OptimizeTaskQueue", "Optimize-TaskQueue")]
    [InlineData("RemoveQueueTask", "Remove-QueueTask a -PassThru")]
    [InlineData("RestartQueueTask", "Restart-QueueTask done -PassThru")]
    [InlineData("RestoreTaskQueue", "Restore-TaskQueue -BackupPath $backup -Confirm:$false")]
    [InlineData("SendQueueTaskHeartbeat", "Receive-QueueTask work | Send-QueueTaskHeartbeat -Progress 40")]
    [InlineData("SetQueueTask", "Set-QueueTask a -Priority 1 -PassThru")]
    [InlineData("StartQueueWorker", "Start-QueueWorker -Drain -Handler @{ work = { 1 } }")]
    [InlineData("StopQueueTask", "Stop-QueueTask a -PassThru")]
    [InlineData("StopQueueWorker", "$null = Receive-QueueTask work; Get-QueueWorker | Stop-QueueWorker")]
    [InlineData("WaitQueueTask", "Wait-QueueTask done")]
    [InlineData("TestTaskQueue", "Test-TaskQueue; Test-TaskQueue -MaxStuck 0 -MaxWaiting 0 -MaxAge 1h")]
    [InlineData(
        "UndoQueueOperation",
        "Get-QueueOperation -Kind cancel | Undo-QueueOperation; Get-QueueOperation -Kind cancel | Undo-QueueOperation -WhatIf")]
    public void What_is_written_is_of_the_declared_type(string name, string command)
    {
        using QueueSession session = new();
        session.Add("a");
        session.AddRunning("busy");
        session.Import("done", "success");
        session.Values<object>("$null = New-QueueTask work -Id c; Stop-QueueTask c");
        var backup = session.Value<string>("(Backup-TaskQueue).Path");
        var result = session.Run(
            command, ("queue", session.Queue), ("copy", session.InFolder("copy.db")), ("backup", backup));
        Assert.Empty(result.Errors);

        Type[] declared = [.. TypeOf(name + "Command")
            .GetCustomAttributes<OutputTypeAttribute>()
            .SelectMany(output => output.Type)
            .Select(type => type.Type)];
        Assert.Equal(declared.Length > 0, result.Output.Count > 0);
        Assert.All(result.Output, value => Assert.Contains(value.BaseObject.GetType(), declared));
    }

    [Fact]
    public void Every_cmdlet_has_its_output_tested() => Assert.Equal(
        Types.Value.Select(type => type.Name).Order(StringComparer.Ordinal),
        typeof(CmdletConventionTests).GetMethod(nameof(What_is_written_is_of_the_declared_type))!
            .GetCustomAttributes<InlineDataAttribute>().Select(row => $"{row.Data[0]}Command").Order(StringComparer.Ordinal));

    private static Type TypeOf(string name) => Types.Value.Single(type => type.Name == name);

    private static CmdletAttribute Attribute(string name) => TypeOf(name).GetCustomAttribute<CmdletAttribute>()!;

    private static IEnumerable<(PropertyInfo Property, ParameterAttribute Parameter)> Parameters(string name) =>
        TypeOf(name).GetProperties()
            .SelectMany(property => property.GetCustomAttributes<ParameterAttribute>().Select(parameter => (property, parameter)));
}
