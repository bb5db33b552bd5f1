using System.Net;
using System.Text.RegularExpressions;
using Npgsql;

namespace TaskQueue.Storage;

/// <summary>
/// Where a queue is on a PostgreSQL server, read from a URI (<c>postgresql://user@host:5432/database?schema=name</c>) or a connection
/// string (<c>Host=…;Database=…;Search Path=…</c>, or libpq's <c>host=… dbname=…</c>). What it does not say is taken from libpq's
/// environment variables. Neither <see cref="Queue"/> nor an error ever repeats a password, nor a text that one may be hidden in.
/// </summary>
internal sealed partial class ServerLocation
{
    /// <summary>The schema that holds the queue where the location names none.</summary>
    public const string DefaultSchema = "taskqueue";

    private readonly NpgsqlConnectionStringBuilder _settings;

    private ServerLocation(ServerSettings settings, bool isOnlyName, string? openPasswordFile)
    {
        _settings = settings.Result;
        IsOnlyName = isOnlyName;
        Hosts = settings.Hosts;
        OpenPasswordFile = openPasswordFile;
        var database = $"/{Uri.EscapeDataString(Database)}{(Schema == DefaultSchema ? "" : $"?schema={Schema}")}";
        var hosts = Hosts.Select(host => host.ToString()).ToList();
        Place = string.Join(',', hosts.Order(StringComparer.Ordinal)) + database;
        Queue = $"postgresql://{Uri.EscapeDataString(User)}@{string.Join(',', hosts)}{database}";
    }

    /// <summary>The text that names the queue and its user, without secrets and without other settings; it can be parsed again.</summary>
    public string Queue { get; }

    /// <summary>The same for whatever user and order of the servers. One server may still go by several names.</summary>
    public string Place { get; }

    /// <summary>The servers, in the order in which they are tried.</summary>
    public IReadOnlyList<ServerHost> Hosts { get; }

    /// <summary>A password file that is passed over because others than its owner may read it; null if there is none.</summary>
    public string? OpenPasswordFile { get; }

    public string Database => _settings.Database!;

    public string User => _settings.Username!;

    /// <summary>True if the text says where the queue is, as whom to connect, and nothing of how.</summary>
    public bool IsOnlyName { get; }

    /// <summary>The schema that holds the queue; a plain name that needs no quotes.</summary>
    public string Schema => _settings.SearchPath!;

    /// <summary>
    /// What to connect with, a copy: host, port, database, user and search path are always in it, a password if the text or the credential
    /// has one. Otherwise Npgsql looks for a password in <c>PGPASSWORD</c> and the file of <c>PGPASSFILE</c>.
    /// </summary>
    public NpgsqlConnectionStringBuilder Settings => new(_settings.ConnectionString);

    /// <summary>True if the text is the location of a server and no path; also if it is neither and a password may be in it.</summary>
    public static bool Names(string text) => Server().IsMatch(text);

    /// <summary>Reads a location.</summary>
    /// <param name="text">A URI or a connection string.</param>
    /// <param name="credential">The user and the password to connect with; null for those of the text or the environment.</param>
    /// <exception cref="QueueUnavailableException">It is neither, has a setting that is not known, or a value that is not
    /// valid.</exception>
    public static ServerLocation Parse(string text, NetworkCredential? credential = null) =>
        Parse(text, credential, Environment.GetEnvironmentVariable);

    /// <summary>The same, with an environment of the caller's.</summary>
    internal static ServerLocation Parse(string text, NetworkCredential? credential, Func<string, string?> environment)
    {
        var settings = new ServerSettings(showsKeys: !LocationText.HasPasswordKey(text));
        var isOnlyName = true;
        string? service = null, serviceFile = null;
        foreach (var (key, value) in LocationText.Read(text))
        {
            switch (key.ToLowerInvariant())
            {
                case "service":
                    (service, isOnlyName) = (value, false);
                    break;
                case "servicefile":
                    serviceFile = value;
                    break;
                default:
                    isOnlyName &= settings.Set(key, value);
                    break;
            }
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

        // As libpq has it: the location, then the service, then the other variables.
        if ((service ?? environment("PGSERVICE")) is { Length: > 0 } named)
        {
            foreach (var (key, value) in new ServiceFile(environment).Read(named, serviceFile))
            {
                settings.SetDefault(key, value);
            }
        }

        foreach (var (variable, key) in LibpqParameters.Variables)
        {
            settings.SetDefault(key, environment(variable));
        }

        settings.ChooseAddress();
        settings.SetDefault("Host", "localhost");
        settings.SetDefault("Username", Environment.UserName);
        settings.SetDefault("Database", settings.Result.Username);
        settings.SetDefault("Search Path", DefaultSchema);
        settings.Complete();
        string? openPasswordFile = null;
        if (settings.Result.Password is null && string.IsNullOrEmpty(environment("PGPASSWORD"))
            && (openPasswordFile = PasswordFile.FindOpen(settings.Result.Passfile, environment)) is not null)
        {
            // An empty one in its place.
            settings.Result.Passfile = "/dev/null";
        }

        // Otherwise each open connection would show its password to whoever holds it.
        settings.Result.PersistSecurityInfo = false;
        return new ServerLocation(settings, isOnlyName, openPasswordFile);
    }

    /// <summary>True if both name the same queue, as whatever users: the servers of a list have the same databases.</summary>
    public bool IsSameQueue(ServerLocation other) =>
        Database == other.Database && Schema == other.Schema && Hosts.Intersect(other.Hosts).Any();

    public override string ToString() => Queue;

    // A URI of PostgreSQL or with a user in it; a connection string that begins with its server or service, or has a user or a password in
    // any place.
    [GeneratedRegex(
        @"^\s*postgres(ql)?:|\bpostgres(ql)?://|^\s*[a-z][a-z0-9+.-]+://.*@|(^|;)\s*(host|hostaddr|server|data source|service|dbname)\s*="
            + @"|(^|[;?&\s])[""']?(pg)?(user ?name|user ?id|uid|(ssl)?\s?(password|passwd|pwd|psw))[""']?\s*=",
        RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Server();
}
