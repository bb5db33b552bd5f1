using System.Diagnostics;

namespace TaskQueue.TestPostgres;

/// <summary>The programs of a PostgreSQL server on this machine.</summary>
/// <param name="folder">Where they are.</param>
internal sealed class ServerPrograms(string folder)
{
    private static readonly string[] Needed = ["initdb", "pg_ctl", "postgres"];

    private static readonly Lazy<ServerPrograms?> Installed = new(() =>
        Candidates().Where(IsComplete).Select(folder => new ServerPrograms(folder)).FirstOrDefault());

    /// <summary>Those of the machine; null if it has none.</summary>
    public static ServerPrograms? Found => Installed.Value;

    public string Folder => folder;

    public string this[string name] => PathOf(folder, name);

    private static string PathOf(string folder, string name) => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    // A client's package has some of them only.
    private static bool IsComplete(string folder) => Needed.All(name => File.Exists(PathOf(folder, name)));

    private static IEnumerable<string> Candidates() =>
    [
        .. FromPgConfig(),
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries),
        .. Versions("/usr/lib/postgresql", "*"),
        .. Versions("/usr", "pgsql-*"),
        .. Versions("/opt/homebrew/opt", "postgresql*"),
        .. Versions("/usr/local/opt", "postgresql*"),
        .. Versions(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*"),
    ];

    /// <summary>The newest first.</summary>
    private static IEnumerable<string> Versions(string parent, string pattern) => !Directory.Exists(parent) ? [] : Directory
        .EnumerateDirectories(parent, pattern)
        .OrderByDescending(
            version => int.TryParse(
                new string([.. Path.GetFileName(version).SkipWhile(letter => !char.IsAsciiDigit(letter)).TakeWhile(char.IsAsciiDigit)]),
                out var number) ? number : 0)
        .Select(version => Path.Combine(version, "bin"));

    private static IEnumerable<string> FromPgConfig()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("pg_config", "--bindir") { RedirectStandardOutput = true })!;
            return [process.StandardOutput.ReadToEnd().Trim()];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return [];
        }
    }
}
