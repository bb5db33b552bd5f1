using System.Text;

namespace TaskQueue.Storage;

/// <summary>
/// libpq's file of connection services: what a location leaves out stands there under a name. See
/// <see href="https://www.postgresql.org/docs/current/libpq-pgservice.html"/>.
/// </summary>
/// <param name="environment">The environment variables.</param>
internal sealed class ServiceFile(Func<string, string?> environment)
{
    // Where the packages of Debian and of Red Hat look if PGSYSCONFDIR names no folder.
    private static readonly string[] SystemFolders = ["/etc/postgresql-common", "/etc/sysconfig/pgsql"];

    /// <summary>The settings of a service, by libpq's names.</summary>
    /// <param name="service">Its name.</param>
    /// <param name="file">The user's file; null for the usual one.</param>
    /// <exception cref="QueueUnavailableException">There is no such service, or a file cannot be understood.</exception>
    public IReadOnlyList<KeyValuePair<string, string>> Read(string service, string? file)
    {
        var files = Files(file).ToList();
        return files.Select(path => Find(path, service)).FirstOrDefault(found => found is not null)
            ?? throw LocationText.Invalid(
                "The service that the location or PGSERVICE names is in none of the service files.",
                $"Looked in: {string.Join(", ", files)}. PGSERVICEFILE and PGSYSCONFDIR name other places.");
    }

    private IEnumerable<string> Files(string? file)
    {
        if ((file ?? environment("PGSERVICEFILE")) is { Length: > 0 } named)
        {
            yield return named;
        }
        else
        {
            yield return OperatingSystem.IsWindows()
                ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "postgresql", ".pg_service.conf")
                : Path.Combine(environment("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".pg_service.conf");
        }

        foreach (var folder in environment("PGSYSCONFDIR") is { Length: > 0 } chosen
            ? [chosen]
            : OperatingSystem.IsWindows() ? [] : SystemFolders)
        {
            yield return Path.Combine(folder, "pg_service.conf");
        }
    }

    private static List<KeyValuePair<string, string>>? Find(string path, string service)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        List<KeyValuePair<string, string>>? found = null;
        foreach (var line in Lines(path))
        {
            if (line is ['[', .. var name, ']'])
            {
                if (found is not null)
                {
                    break;
                }

                found = name == service ? [] : null;
            }
            else if (found is not null)
            {
                // Never the line itself: a password may stand in it.
                var setting = line.Split('=', 2, StringSplitOptions.TrimEntries);
                found.Add(setting.Length == 2 && setting[0] is not ("service" or "servicefile")
                    ? KeyValuePair.Create(setting[0], setting[1])
                    : throw LocationText.Invalid(
                        $"A line of a service in '{path}' is not understood.",
                        "Write key=value, and no service within a service; LDAP is not served."));
            }
        }

        return found;
    }

    private static IEnumerable<string> Lines(string path)
    {
        try
        {
            return [.. File.ReadLines(path, Encoding.UTF8).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw LocationText.Invalid($"The service file '{path}' cannot be read.", "Check its access rights.");
        }
    }
}
