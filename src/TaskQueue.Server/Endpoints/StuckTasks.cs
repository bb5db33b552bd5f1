using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using TaskQueue.Storage;

namespace TaskQueue.Server;

/// <summary>Shows which running tasks are stuck and why, and stops them.</summary>
internal static class StuckTasks
{
    private const double ShortestHours = 0.0001;
    private const double LongestHours = 8_760_000;
    private const string BadHours = "max_age_hours is a number above 0, up to 8760000.";

    public static void Map(RouteGroupBuilder tasks)
    {
        tasks.MapGet("/stuck", Judge);
        tasks.MapPost("/cleanup", CleanUp);
    }

    /// <summary>
    /// The running tasks, the oldest first, each with its verdict, the facts behind it, and whether a cleanup would stop it. Changes
    /// nothing.
    /// </summary>
    /// <param name="max_age_hours">The age from which a task counts as stuck. In hours; fractions are allowed.</param>
    /// <param name="include_stalled">Judge as a cleanup that stops Stalled tasks too.</param>
    /// <param name="include_live">Judge as a cleanup that stops Slow tasks too.</param>
    /// <param name="include_healthy">Show healthy tasks too.</param>
    /// <param name="type">Only tasks of this type; may be given several times.</param>
    internal static StuckAnswer Judge(
        QueueAccess queue,
        CancellationToken cancellation,
        [Range(ShortestHours, LongestHours, ErrorMessage = BadHours)] double max_age_hours = 1,
        bool include_stalled = false,
        bool include_live = false,
        bool include_healthy = false,
        string[]? type = null)
    {
        var store = queue.ForReading();
        var plan = new StuckTaskCleanup(store).Plan(Policy(max_age_hours, include_stalled, include_live, false, type, null), cancellation);
        var shown = plan.Found.Where(task => include_healthy || task.Verdict is not StuckVerdict.Healthy).Select(StuckTaskBody.Of).ToList();
        return new StuckAnswer(store.Info.Queue, shown, shown.Count, plan.Found.Count, plan.Stuck.Count, plan.Remarks);
    }

    /// <summary>
    /// Stops stuck tasks, after a backup. With a body it stops only those that the body names, if they are stuck. By default only the plan
    /// is shown and nothing is changed; dry_run=false carries it out. If only expired leases speak against tasks, the call takes up to 30
    /// seconds, a dry run too: it looks at the leases twice, with the time of a renewal between.
    /// </summary>
    /// <param name="max_age_hours">Tasks younger than this are never touched. In hours; fractions are allowed.</param>
    /// <param name="dry_run">Show what would be done, and change nothing at all.</param>
    /// <param name="include_stalled">Stop Stalled tasks too: those whose worker lives but no longer renews the lease.</param>
    /// <param name="include_live">Stop Slow tasks too: those whose worker still renews the lease.</param>
    /// <param name="requeue">Put stuck tasks back to pending instead of failed.</param>
    /// <param name="max_count">Change nothing if more tasks than this are stuck.</param>
    /// <param name="type">Only tasks of this type; may be given several times.</param>
    /// <param name="reason">Why, for the log.</param>
    internal static CleanupAnswer CleanUp(
        BatchRequest? only,
        QueueAccess queue,
        QueueMetrics metrics,
        HttpContext context,
        CancellationToken cancellation,
        [Range(ShortestHours, LongestHours, ErrorMessage = BadHours)] double max_age_hours = 1,
        bool dry_run = true,
        bool include_stalled = false,
        bool include_live = false,
        bool requeue = false,
        [Range(1, int.MaxValue, ErrorMessage = "max_count is a whole number from {1} to {2}.")] int? max_count = null,
        [FromQuery] string[]? type = null,
        [Reason] string? reason = null)
    {
        var store = dry_run ? queue.ForReading() : queue.ForWriting();
        var backups = new AutomaticBackups(store);
        var cleanup = new StuckTaskCleanup(store);
        var plan = cleanup.Confirm(
            cleanup.Plan(Policy(max_age_hours, include_stalled, include_live, requeue, type, only?.Checked()), cancellation),
            watching: null, cancellation);
        if (plan.Stuck.Count > max_count)
        {
            throw new TooManyTasksException(
                $"{plan.Stuck.Count} tasks are stuck, more than max_count {max_count}. Nothing was changed.",
                "Look at them with GET /stuck, then raise max_count or leave it out.");
        }

        if (dry_run)
        {
            return CleanupAnswer.Of(StuckTaskCleanup.ReportPlanOnly(plan));
        }

        var operation = context.BeginOperation(CleanUpStuckTask.OperationKind, reason);
        var report = cleanup.Apply(plan, plan.Stuck, () => backups.Make(null, cancellation), operation, cancellation);
        metrics.Count(operation, report.Cleaned.Count);
        var pruned = report.Backup is { } made ? backups.Prune(made, AutomaticBackups.UsuallyKept) : null;
        return CleanupAnswer.Of(pruned is null ? report : report with { Warnings = [.. report.Warnings, .. pruned.Warnings] });
    }

    private static StuckPolicy Policy(
        double maxAgeHours, bool includeStalled, bool includeLive, bool requeue, string[]? types, IReadOnlyList<string>? ids) => new()
    {
        MaxAge = TimeSpan.FromHours(maxAgeHours),
        IncludeStalled = includeStalled,
        IncludeLive = includeLive,
        Requeue = requeue,
        Matches = Matching(types is { Length: > 0 } ? [.. types] : null, ids is null ? null : [.. ids]),
    };

    private static Predicate<QueueTask>? Matching(HashSet<string>? types, HashSet<string>? ids) => types is null && ids is null
        ? null
        : task => types?.Contains(task.Type) is not false && ids?.Contains(task.Id) is not false;
}
