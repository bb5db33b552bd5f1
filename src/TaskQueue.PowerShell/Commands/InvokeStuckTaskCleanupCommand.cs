using System.Management.Automation;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Finds stuck tasks, backs the queue up and stops them. With -WhatIf it shows the plan and changes nothing at all.</summary>
[Cmdlet(
    VerbsLifecycle.Invoke, "StuckTaskCleanup", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium,
    DefaultParameterSetName = Hours)]
[OutputType(typeof(CleanupReport))]
public sealed class InvokeStuckTaskCleanupCommand : OperatorCmdlet
{
    private const string Hours = "Hours";
    private const string Age = "Age";

    /// <summary>Tasks younger than this are never touched. In hours, above 0; fractions are allowed.</summary>
    [Parameter(ParameterSetName = Hours)]
    [RequiresValue]
    [Number(TakesFractions = true)]
    public double MaxAgeHours { get; set; } = StuckPolicy.DefaultMaxAge.TotalHours;

    /// <summary>The same limit as a duration, such as 90m.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter(ParameterSetName = Age, Mandatory = true)]
    [RequiresValue]
    public Duration? MaxAge { get; set; }

    /// <summary>Only tasks of these types or patterns.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TaskTypeCompleter))]
    [RequiresValue]
    [SupportsWildcards]
    public string[]? Type { get; set; }

    /// <summary>Put stuck tasks back to pending instead of failed.</summary>
    [Parameter]
    public SwitchParameter Requeue { get; set; }

    /// <summary>Stop Stalled tasks too: those whose worker lives but no longer renews the lease.</summary>
    [Parameter]
    public SwitchParameter IncludeStalled { get; set; }

    /// <summary>Stop Slow tasks too: those whose worker still renews the lease.</summary>
    [Parameter]
    public SwitchParameter IncludeLive { get; set; }

    /// <summary>Change nothing if more tasks than this are stuck.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(1, int.MaxValue)]
    [Number]
    public int? MaxCount { get; set; }

    /// <summary>
    /// The backup's file, or a folder for it. By default it is beside the queue. For a queue on a server it is in the folder
    /// TaskQueue/backups of the local application data.
    /// </summary>
    [Parameter]
    [RequiresValue]
    public string? BackupPath { get; set; }

    /// <summary>How many automatic backups to keep, at least 1; 10 by default. The oldest ones are deleted.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(1, int.MaxValue)]
    [Number]
    public int KeepBackups { get; set; } = AutomaticBackups.UsuallyKept;

    /// <summary>Make no backup first.</summary>
    [Parameter]
    public SwitchParameter NoBackup { get; set; }

    protected override void Process()
    {
        var store = OpenStore(forWriting: true);
        var backups = new AutomaticBackups(store);
        var cleanup = new StuckTaskCleanup(store);
        var plan = ConfirmExpiredLeases(cleanup, cleanup.Plan(Policy(), Cancellation));
        WriteVerbose($"{plan.Found.Count} running, {plan.Stuck.Count} of them stuck.");
        if (plan.Stuck.Count > MaxCount)
        {
            throw new TooManyTasksException(
                $"{plan.Stuck.Count} tasks are stuck, more than -MaxCount {MaxCount}. Nothing was changed.",
                "Look at them with Get-QueueTask -Stuck, then raise -MaxCount or leave it out.");
        }

        if (plan.Found.Count == 0)
        {
            MisspeltNames.WarnOfTypes(this, store, Type);
        }

        var accepted = plan.Stuck.Where(task => ShouldProcess(task.Id, ActionOn(task))).ToList();
        if (IsWhatIf)
        {
            WriteObject(AdviceText.Report(StuckTaskCleanup.ReportPlanOnly(plan)));
            return;
        }

        var report = cleanup.Apply(
            plan, accepted, NoBackup ? null : () => BackUp(backups), BeginOperation(CleanUpStuckTask.OperationKind, Reason), Cancellation);
        var pruned = report.Backup is { } made ? backups.Prune(made, KeepBackups) : new PrunedBackups([], []);
        report = report with { Warnings = report.Warnings.Concat(pruned.Warnings).ToList() };
        WriteObject(AdviceText.Report(report));
        WriteWarnings(report.Warnings);

        foreach (var path in pruned.Deleted)
        {
            WriteVerbose($"Removed the old automatic backup {path}.");
        }
    }

    /// <summary>
    /// Looks at expired leases a second time. A dry run does so too, since it must know which workers live to say what would be done.
    /// </summary>
    private CleanupPlan ConfirmExpiredLeases(StuckTaskCleanup cleanup, CleanupPlan plan)
    {
        var progress = new WaitProgress(this, "Watching expired leases");
        var confirmed = cleanup.Confirm(
            plan,
            watching => progress.Write(
                (int)watching.Watched.TotalSeconds,
                (int)Math.Ceiling(watching.Needed.TotalSeconds),
                $"seconds; {Quantity.Of(watching.Tasks, "lease has", "leases have")} expired: what is renewed now is left alone"),
            Cancellation);
        progress.Complete();
        return confirmed;
    }

    private StuckPolicy Policy()
    {
        var maxAge = MaxAge?.Value
            ?? TimeSpan.FromHours(Math.Clamp(double.IsNaN(MaxAgeHours) ? 0 : MaxAgeHours, 0, Duration.Longest.TotalHours));
        if (maxAge <= TimeSpan.Zero)
        {
            throw new TaskValidationException(
                "The limit must be longer than zero.",
                MaxAge is null ? "Give -MaxAgeHours above 0, such as 0.5." : "Give -MaxAge more than 0s, such as 30m.");
        }

        return new StuckPolicy
        {
            MaxAge = maxAge, IncludeStalled = IncludeStalled, IncludeLive = IncludeLive, Requeue = Requeue,
            Matches = TypePattern.ConditionOf(Type),
        };
    }

    private BackupResult BackUp(AutomaticBackups backups)
    {
        var made = backups.Make(BackupPath is null ? null : FilePaths.Resolve(this, BackupPath), Cancellation);
        WriteVerbose($"Backup of {Quantity.Of(made.Tasks, "task", "tasks")}: {made.Path}.");
        return made;
    }

    private string ActionOn(StuckTask task) =>
        $"{(Requeue ? "Requeue" : "Stop")} stuck task ({task.Verdict}, {Duration.FormatAge(task.Age!.Value)})";
}
