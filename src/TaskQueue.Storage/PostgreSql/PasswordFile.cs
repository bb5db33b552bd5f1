namespace TaskQueue.Storage;

/// <summary>libpq's password file. Npgsql reads it even if others can read it too; psql refuses it, and says so.</summary>
internal static class PasswordFile
{
    private const UnixFileMode OthersMay =
        UnixFileMode.GroupRead
            | UnixFileMode.GroupWrite
            | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead
            | UnixFileMode.OtherWrite
            | UnixFileMode.OtherExecute;

    /// <summary>The file that would be read and must not be, for it is not its owner's alone; null if there is none.</summary>
    /// <param name="named">The file that the location names.</param>
    /// <param name="environment">The environment variables.</param>
    public static string? FindOpen(string? named, Func<string, string?> environment)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        var path = Path.GetFullPath(
            named ?? environment("PGPASSFILE")
            ?? Path.Combine(environment("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pgpass"));
        return File.Exists(path) && (File.GetUnixFileMode(path) & OthersMay) != 0 ? path : null;
    }
}
