using System.Globalization;
using System.Text.RegularExpressions;

namespace TaskQueue.Storage;

/// <summary>
/// What backups are called: <c>name_backup_20251219_165456.db</c> beside the database, with a counter if that is taken. Those of a queue on
/// a server are called after its database, and its schema if that is not the usual one, and lie in a folder of the user.
/// </summary>
public static partial class BackupNaming
{
    /// <summary>What the names of the files end with that SQLite keeps beside a database.</summary>
    public static readonly string[] Sidecars = ["-wal", "-journal"];

    private const string Infix = "_backup_";

    /// <summary>Where backups of queues on servers go; made with the first of them, for its owner only.</summary>
    public static string FolderForServers => Path.Combine(UserFolder.Path, "backups");

    /// <summary>
    /// The file a backup of <paramref name="queue"/> goes to: the one that was named, or else the first whose name is free now.
    /// </summary>
    /// <param name="queue">The queue's location.</param>
    /// <param name="path">A file, or an existing folder for one; null for the usual folder.</param>
    /// <param name="localTime">The time in the name.</param>
    public static BackupRequest Resolve(string queue, string? path, DateTimeOffset localTime) => path is not null && !Directory.Exists(path)
        ? new BackupRequest(path)
        : new BackupRequest(FirstFree(queue, path ?? FolderOf(queue), localTime), IsNumbered: true);

    /// <summary>The same name as that of a numbered backup, with the next number.</summary>
    public static string Next(string path)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        var time = name.LastIndexOf(Infix, StringComparison.Ordinal) + Infix.Length;
        var part = TimePart().Match(name[time..]);
        return Path.Combine(
            Path.GetDirectoryName(path)!, Numbered(name[..time] + part.Groups["time"].Value, NumberOf(part) + 1) + Path.GetExtension(path));
    }

    /// <summary>The files in <paramref name="folder"/> that are called like backups of the queue, oldest first.</summary>
    public static IReadOnlyList<string> Existing(string queue, string folder)
    {
        var stem = StemOf(queue) + Infix;
        var extension = ExtensionOf(queue);
        return
        [
            .. Directory.EnumerateFiles(folder)
                .Where(path => Path.GetFileName(path).StartsWith(stem, StringComparison.Ordinal) && Path.GetExtension(path) == extension)
                .Select(path => (Path: path, Part: TimePart().Match(Path.GetFileNameWithoutExtension(path)[stem.Length..])))
                .Where(file => file.Part.Success)
                .OrderBy(file => file.Part.Groups["time"].Value, StringComparer.Ordinal)
                .ThenBy(file => NumberOf(file.Part))
                .Select(file => file.Path),
        ];
    }

    private static string FirstFree(string queue, string folder, DateTimeOffset localTime)
    {
        var stem = StemOf(queue) + Infix;
        var time = localTime.ToString("yyyyMMdd_HHmmss", CultureInfo.InvariantCulture);
        // Not the first free number: an older backup may have been pruned, and the newest would then look like the oldest.
        var last = Directory.Exists(folder)
            ? Existing(queue, folder)
                .Select(path => TimePart().Match(Path.GetFileNameWithoutExtension(path)[stem.Length..]))
                .LastOrDefault(part => part.Groups["time"].Value == time)
            : null;
        return Enumerable.Range(last is null ? 1 : NumberOf(last) + 1, int.MaxValue / 2)
            .Select(number => Path.Combine(folder, Numbered(stem + time, number) + ExtensionOf(queue)))
            .First(IsFree);
    }

    /// <summary>
    /// True if the name is free, for a folder too, and nothing lies there that SQLite would take for a part of the backup.
    /// </summary>
    public static bool IsFree(string path) => !Path.Exists(path) && !Array.Exists(Sidecars, suffix => File.Exists(path + suffix));

    private static string Numbered(string name, int number) =>
        number == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");

    private static string FolderOf(string queue) =>
        TaskStores.NamesServer(queue) ? FolderForServers : Path.GetDirectoryName(Path.GetFullPath(queue))!;

    private static string StemOf(string queue)
    {
        if (!TaskStores.NamesServer(queue))
        {
            return Path.GetFileNameWithoutExtension(queue);
        }

        var location = ServerLocation.Parse(queue);
        var name = location.Schema == ServerLocation.DefaultSchema ? location.Database : $"{location.Database}_{location.Schema}";
        return NotForFileNames().Replace(name, "_");
    }

    private static string ExtensionOf(string queue) =>
        !TaskStores.NamesServer(queue) && Path.GetExtension(queue) is { Length: > 0 } given ? given : ".db";

    private static int NumberOf(Match part) =>
        int.TryParse(part.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1;

    // The rules of all systems, so that a backup can be carried to any of them.
    [GeneratedRegex("""[\\/:*?"<>|\p{Cc}]""", RegexOptions.CultureInvariant)]
    private static partial Regex NotForFileNames();

    [GeneratedRegex("^(?<time>[0-9]{8}_[0-9]{6})(_(?<number>[0-9]{1,9}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex TimePart();
}
