using System.Globalization;
using System.Text.RegularExpressions;

namespace TaskQueue.Storage;

/// <summary>What automatic backups are called: <c>name_backup_20251219_165456.db</c> beside the database, with a counter if that is taken.</summary>
public static partial class BackupNaming
{
    /// <summary>The file a backup of <paramref name="queue"/> goes to.</summary>
    /// <param name="queue">The queue's file.</param>
    /// <param name="path">A file, or an existing folder for one; null for the folder of the queue.</param>
    /// <param name="localTime">The time in the name.</param>
    public static string Resolve(string queue, string? path, DateTimeOffset localTime) =>
        path is not null && !Directory.Exists(path) ? path : FirstFree(queue, path ?? Path.GetDirectoryName(Path.GetFullPath(queue))!, localTime);

    /// <summary>The files in <paramref name="folder"/> that are called like backups of the database, oldest first.</summary>
    public static IReadOnlyList<string> Existing(string databasePath, string folder)
    {
        var stem = Path.GetFileNameWithoutExtension(databasePath) + "_backup_";
        return
        [
            .. Directory.EnumerateFiles(folder)
                .Where(path => Path.GetFileName(path).StartsWith(stem, StringComparison.Ordinal) && Path.GetExtension(path) == ExtensionOf(databasePath))
                .Select(path => (Path: path, Part: TimePart().Match(Path.GetFileNameWithoutExtension(path)[stem.Length..])))
                .Where(file => file.Part.Success)
                .OrderBy(file => file.Part.Groups["time"].Value, StringComparer.Ordinal)
                .ThenBy(file => NumberOf(file.Part))
                .Select(file => file.Path),
        ];
    }

    private static string FirstFree(string queue, string folder, DateTimeOffset localTime)
    {
        var stem = Path.GetFileNameWithoutExtension(queue);
        var extension = ExtensionOf(queue);
        var time = localTime.ToString("yyyyMMdd_HHmmss", CultureInfo.InvariantCulture);
        // Not the first number that is free: an older backup may have been pruned, and the newest would then pass for the oldest.
        var last = Directory.Exists(folder)
            ? Existing(queue, folder)
                .Select(path => TimePart().Match(Path.GetFileNameWithoutExtension(path)[(stem + "_backup_").Length..]))
                .LastOrDefault(part => part.Groups["time"].Value == time)
            : null;
        return Enumerable.Range(last is null ? 1 : NumberOf(last) + 1, int.MaxValue / 2)
            .Select(number => Path.Combine(folder, $"{stem}_backup_{time}{(number == 1 ? "" : $"_{number}")}{extension}"))
            .First(path => !File.Exists(path));
    }

    private static string ExtensionOf(string queue) => Path.GetExtension(queue) is { Length: > 0 } given ? given : ".db";

    private static int NumberOf(Match part) =>
        int.TryParse(part.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;

    [GeneratedRegex("^(?<time>[0-9]{8}_[0-9]{6})(_(?<number>[0-9]{1,9}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex TimePart();
}
