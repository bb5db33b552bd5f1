using System.Diagnostics;

namespace TaskQueue.PowerShell;

/// <summary>The one place that puts the engine's advices into words for PowerShell.</summary>
internal static class AdviceText
{
    public static string Of(Advice advice) => advice switch
    {
        Advice.Plain plain => plain.Text,
        Advice.CreateQueueAt { Path: { } path } => $"Check the path, or make one with: Connect-TaskQueue -Queue '{path}' -Create",
        Advice.CreateQueueAt => "Check the path; a new queue is made by Connect-TaskQueue -Create.",
        Advice.CreateQueueOnServer { DatabaseIsMissing: true } =>
            "Make the database first, such as with createdb, then the queue in it with Connect-TaskQueue -Create.",
        Advice.CreateQueueOnServer => "Make one in that database with Connect-TaskQueue -Create.",
        Advice.WaitLonger { Timeout: var timeout } =>
            $"Repeat the command, or connect with a -Timeout longer than {Duration.Format(timeout)}.",
        Advice.WriteToUpgrade => "Run a command that writes, such as Backup-TaskQueue: it makes a backup and upgrades the queue.",
        Advice.MoveFromUnreleased =>
            "Nothing was changed. In the module that made it, save the tasks with: Get-QueueTask | Export-Clixml tasks.xml. "
            + "Then make a new queue with this module and put them in: Import-Clixml tasks.xml | Import-QueueTask.",
        Advice.WriteToRollBack =>
            "Start the service that writes it, or run a command that writes, such as Backup-TaskQueue: "
            + "SQLite then rolls the unfinished write back by itself.",
        Advice.ReplaceByBackup =>
            "Move the file aside, with any -wal or -journal beside it, then put a backup in its place with Restore-TaskQueue; "
            + "or open a copy with the tools of SQLite.",
        Advice.RestoreInsteadOfUndo => "It changed no task that the log tells of. The whole queue comes back with Restore-TaskQueue.",
        Advice.RenameBackup =>
            "The name says where the backup goes, not which queue is backed up; -Queue says that. Choose another name. "
            + "Backup-TaskQueue -Force would replace that file for ever.",
        Advice.GiveCredential { WasRefused: true } =>
            "Give the user and the password with Connect-TaskQueue -Credential, in the file of PGPASSFILE or in PGPASSWORD; "
            + "or ask who runs the server.",
        Advice.GiveCredential => "Give it with Connect-TaskQueue -Credential, in the file of PGPASSFILE or in PGPASSWORD.",
        Advice.GiveUtcOffset => "Connect with the service's offset, for example: Connect-TaskQueue -UtcOffset +08:00",
        Advice.MoveToNativeLayout => "Move it to this product's own layout with Copy-TaskQueue, then repeat the command there.",
        Advice.ListOperations => "Get-QueueOperation shows those it knows; they are kept for 90 days unless another time was chosen.",
        Advice.GiveMoreDigits { FewestDigits: var fewest } => $"Give at least {fewest} of its digits; Get-QueueOperation shows them.",
        Advice.GiveReadableData => "Give an object, a hashtable, or text that ConvertFrom-Json accepts.",
        Advice.IncludeVerdict { Verdict: StuckVerdict.Stalled } => "only with -IncludeStalled",
        Advice.IncludeVerdict => "only with -IncludeLive",
        _ => throw new UnreachableException($"No words for {advice}."),
    };

    /// <summary>The result of a cleanup as a report. Its reasons to skip a task say which parameter would include the task.</summary>
    public static CleanupReport Report(CleanupResult result) => new(result with
    {
        Found = result.Found.Select(WithAdvice).ToList(),
        Skipped = result.Skipped.Select(WithAdvice).ToList(),
    });

    private static StuckTask WithAdvice(StuckTask task) => task.SkipAdvice is { } advice
        ? task with { SkipReason = $"{task.SkipReason}: {Of(advice)}", SkipAdvice = null }
        : task;
}
