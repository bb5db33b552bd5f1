using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Npgsql;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>
/// Where a queue is on a PostgreSQL server, read from a URI (<c>postgresql://user@host:5432/database?schema=name</c>) or a connection
/// string (<c>Host=…;Database=…;Search Path=…</c>). What it does not say is taken from libpq's environment variables. Neither
/// <see cref="Queue"/> nor an error ever repeats a password, nor a text that one may be hidden in.
/// </summary>
internal sealed partial class ServerLocation
{
    /// <summary>The schema that holds the queue where the location names none.</summary>
    public const string DefaultSchema = "taskqueue";

    private readonly NpgsqlConnectionStringBuilder _settings;

    private ServerLocation(NpgsqlConnectionStringBuilder settings, bool isOnlyName)
    {
        _settings = settings;
        IsOnlyName = isOnlyName;
        var host = Host.StartsWith('/') ? Uri.EscapeDataString(Host) : Host.Contains(':') ? $"[{Host.Replace("%", "%25", StringComparison.Ordinal)}]" : Host;
        var schema = Schema == DefaultSchema ? "" : $"?schema={Schema}";
        Place = string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}/{Uri.EscapeDataString(Database)}{schema}");
        Queue = $"postgresql://{Uri.EscapeDataString(User)}@{Place}";
    }

    /// <summary>The text that names the queue and its user, without secrets and without other settings; it can be parsed again.</summary>
    public string Queue { get; }

    /// <summary>The same for whatever user. One server may still go by several names.</summary>
    public string Place { get; }

    /// <summary>A name in lower case, an address, or the folder of a Unix-domain socket.</summary>
    public string Host => _settings.Host!;

    public int Port => _settings.Port;

    public string Database => _settings.Database!;

    public string User => _settings.Username!;

    /// <summary>True if the text says where the queue is, as whom to connect, and nothing of how.</summary>
    public bool IsOnlyName { get; }

    /// <summary>The schema that holds the queue; a plain name that needs no quotes.</summary>
    public string Schema => _settings.SearchPath!;

    /// <summary>
    /// What to connect with, a copy: host, port, database, user and search path are always in it, a password if the text or the credential has
    /// one. Otherwise Npgsql looks for a password in <c>PGPASSWORD</c> and the file of <c>PGPASSFILE</c>.
    /// </summary>
    public NpgsqlConnectionStringBuilder Settings => new(_settings.ConnectionString);

    /// <summary>True if the text is the location of a server and no path; also if it is neither and a password may be in it.</summary>
    public static bool Names(string text) => Server().IsMatch(text);

    /// <summary>Reads a location.</summary>
    /// <param name="text">A URI or a connection string.</param>
    /// <param name="credential">The user and the password to connect with; null for those of the text or the environment.</param>
    /// <exception cref="QueueUnavailableException">It is neither, has a setting that is not known, or a value that is not valid.</exception>
    public static ServerLocation Parse(string text, NetworkCredential? credential = null) =>
        Parse(text, credential, Environment.GetEnvironmentVariable);

    /// <summary>The same, with an environment of the caller's.</summary>
    internal static ServerLocation Parse(string text, NetworkCredential? credential, Func<string, string?> environment)
    {
        var settings = new ServerSettings(showsKeys: !LocationText.HasPasswordKey(text));
        var isOnlyName = true;
        foreach (var (key, value) in LocationText.Read(text))
        {
            isOnlyName &= settings.Set(key, value);
        }

        if (credential is not null)
        {
            if (settings.Result.Username is { } user && user != credential.UserName)
            {
                throw LocationText.Invalid("The location names another user than the credential.", "Leave the user out of the location.");
            }

            settings.Result.Username = credential.UserName;
            settings.Result.Password = credential.Password;
        }

        settings.SetDefault("Host", environment("PGHOST"));
        settings.SetDefault("Port", environment("PGPORT"));
        settings.SetDefault("Username", environment("PGUSER"));
        settings.SetDefault("Database", environment("PGDATABASE"));
        settings.SetDefault("SSL Mode", environment("PGSSLMODE"));
        settings.SetDefault("Host", "localhost");
        settings.SetDefault("Username", Environment.UserName);
        settings.SetDefault("Database", settings.Result.Username);
        settings.SetDefault("Search Path", DefaultSchema);
        settings.CheckNames();
        // Else each open connection would show its password to whoever holds it.
        settings.Result.PersistSecurityInfo = false;
        return new ServerLocation(settings.Result, isOnlyName);
    }

    /// <summary>True if both name the same queue, as whatever users.</summary>
    public bool IsSameQueue(ServerLocation other) => Place == other.Place;

    public override string ToString() => Queue;

    // A URI of PostgreSQL or with a user in it; a connection string that begins with its server, or has a user or a password in any place.
    [GeneratedRegex(
        @"^\s*postgres(ql)?:|\bpostgres(ql)?://|^\s*[a-z][a-z0-9+.-]+://.*@|(^|;)\s*(host|server|data source)\s*=|(^|[;?&\s])[""']?(pg)?(user ?name|user ?id|uid|(ssl)?\s?(password|passwd|pwd|psw))[""']?\s*=",
        RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Server();
}
