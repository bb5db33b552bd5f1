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
        var stem = Path.GetFileNameWithoutExtension(databasePath);
        return
        [
            .. Directory.EnumerateFiles(folder, $"{stem}_backup_*")
                .Where(path => TimePart().IsMatch(Path.GetFileNameWithoutExtension(path)[(stem + "_backup_").Length..]))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static string FirstFree(string queue, string folder, DateTimeOffset localTime)
    {
        var stem = Path.GetFileNameWithoutExtension(queue);
        var extension = Path.GetExtension(queue) is { Length: > 0 } given ? given : ".db";
        var time = localTime.ToString("yyyyMMdd_HHmmss", CultureInfo.InvariantCulture);
        return Enumerable.Range(1, int.MaxValue)
            .Select(number => Path.Combine(folder, $"{stem}_backup_{time}{(number == 1 ? "" : $"_{number}")}{extension}"))
            .First(path => !File.Exists(path));
    }

    [GeneratedRegex("^[0-9]{8}_[0-9]{6}(_[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex TimePart();
}
