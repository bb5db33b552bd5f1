using System.Globalization;
using System.Text.RegularExpressions;

namespace TaskQueue.Storage;

/// <summary>What automatic backups are called: <c>name_backup_20251219_165456.db</c> beside the database, with a counter if that is taken.</summary>
public static partial class BackupNaming
{
    /// <summary>The first free name for a backup made at <paramref name="localTime"/>.</summary>
    public static string Automatic(string databasePath, DateTimeOffset localTime) =>
        Automatic(databasePath, Path.GetDirectoryName(Path.GetFullPath(databasePath))!, localTime);

    /// <summary>The same in a folder of the caller's choice.</summary>
    public static string Automatic(string databasePath, string folder, DateTimeOffset localTime)
    {
        var stem = Path.GetFileNameWithoutExtension(databasePath);
        var extension = Path.GetExtension(databasePath) is { Length: > 0 } given ? given : ".db";
        var time = localTime.ToString("yyyyMMdd_HHmmss", CultureInfo.InvariantCulture);
        return Enumerable.Range(1, int.MaxValue)
            .Select(number => Path.Combine(folder, $"{stem}_backup_{time}{(number == 1 ? "" : $"_{number}")}{extension}"))
            .First(path => !File.Exists(path));
    }

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

    [GeneratedRegex("^[0-9]{8}_[0-9]{6}(_[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex TimePart();
}
