using System.Diagnostics;

namespace TaskQueue.Server;

/// <summary>The one place that puts the engine's advices into words, for callers over HTTP and for operators of the server.</summary>
internal static class AdviceText
{
    public static string Of(Advice advice) => advice switch
    {
        Advice.Plain plain => plain.Text,
        Advice.CreateQueueAt or Advice.CreateQueueOnServer { DatabaseIsMissing: false } =>
            "Check what the server was started with as --queue, or start it with --create.",
        Advice.CreateQueueOnServer => "Make the database first, such as with createdb, then start the server with --create.",
        Advice.WaitLonger { Timeout: var timeout } =>
            $"Repeat the call, or start the server with a --timeout longer than {Duration.Format(timeout)}.",
        Advice.WriteToUpgrade => "Send a call that changes something: the server then makes a backup and upgrades the queue.",
        Advice.MoveFromUnreleased =>
            "Nothing was changed. Start the server with another --queue and --create. "
                + "The build that made this one can still write its tasks out.",
        Advice.WriteToRollBack =>
            "Start the service that writes it, or send a call that changes something: "
            + "SQLite then rolls the unfinished write back by itself.",
        Advice.ReplaceByBackup =>
            "Stop the server and move the file aside, with any file beside it that ends in 'wal' or 'journal'. "
            + "Then put a backup in its place.",
        Advice.RestoreInsteadOfUndo => "It changed no task that the log tells of. Only a backup brings the whole queue back.",
        Advice.RenameBackup => "Choose another name for the backup.",
        Advice.GiveCredential { WasRefused: true } =>
            "Give the server the right user and password, in the file of PGPASSFILE or in PGPASSWORD; or ask who runs the database.",
        Advice.GiveCredential => "Give the server one, in the file of PGPASSFILE or in PGPASSWORD.",
        Advice.GiveUtcOffset => "Start the server with the service's offset, for example: --utc-offset +08:00",
        Advice.MoveToNativeLayout => "Serve a copy of it in this product's own layout.",
        Advice.ListOperations =>
            "GET /api/v1/tasks/operations lists those it knows; they are kept for 90 days unless another time was chosen.",
        Advice.GiveMoreDigits { FewestDigits: var fewest } =>
            $"Give at least {fewest} of its digits; GET /api/v1/tasks/operations lists them.",
        Advice.GiveReadableData => "Give any JSON.",
        Advice.IncludeVerdict { Verdict: StuckVerdict.Stalled } => "only with include_stalled=true",
        Advice.IncludeVerdict => "only with include_live=true",
        _ => throw new UnreachableException($"No words for {advice}."),
    };

    /// <summary>An error's message and what to do about it.</summary>
    public static string Sentences(TaskQueueException error) =>
        error.Advice is { } advice ? $"{error.Message} {Of(advice)}" : error.Message;
}
