namespace TaskQueue.Storage;

/// <summary>
/// The parameters of PostgreSQL's own client library, as Npgsql has them. What Npgsql has not is refused by its name: somebody counts on
/// it. See <see href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS"/>.
/// </summary>
internal static class LibpqParameters
{
    // The settings that Npgsql calls by another name.
    private static readonly Dictionary<string, string> Keywords = new(StringComparer.OrdinalIgnoreCase)
    {
        ["host"] = "Host",
        ["server"] = "Host",
        ["hostaddr"] = "hostaddr",
        ["port"] = "Port",
        ["user"] = "Username",
        ["dbname"] = "Database",
        ["schema"] = "Search Path",
        ["connect_timeout"] = "Timeout",
        ["application_name"] = "Application Name",
        ["fallback_application_name"] = "Application Name",
        ["client_encoding"] = "Client Encoding",
        ["sslmode"] = "SSL Mode",
        ["SSL Mode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["gssencmode"] = "GSS Encryption Mode",
        ["krbsrvname"] = "Kerberos Service Name",
        ["channel_binding"] = "Channel Binding",
        ["require_auth"] = "Require Auth",
        ["target_session_attrs"] = "Target Session Attributes",
        ["load_balance_hosts"] = "Load Balance Hosts",
        ["keepalives"] = "TCP Keepalive",
        ["keepalives_idle"] = "TCP Keepalive Time",
        ["keepalives_interval"] = "TCP Keepalive Interval",
    };

    // The settings that Npgsql does not have, with the values that ask for nothing.
    private static readonly Dictionary<string, string[]> Unserved = new(StringComparer.OrdinalIgnoreCase)
    {
        ["authtype"] = [],
        ["gssdelegation"] = ["0"],
        ["gsslib"] = [],
        ["keepalives_count"] = ["0"],
        ["max_protocol_version"] = ["3.0", "3.2", "latest"],
        ["min_protocol_version"] = ["3.0"],
        ["oauth_client_id"] = [],
        ["oauth_client_secret"] = [],
        ["oauth_issuer"] = [],
        ["oauth_scope"] = [],
        ["replication"] = ["0", "false", "no", "off"],
        ["requirepeer"] = [],
        ["requiressl"] = ["0"],
        ["scram_client_key"] = [],
        ["scram_server_key"] = [],
        ["ssl_max_protocol_version"] = [],
        ["ssl_min_protocol_version"] = [],
        ["sslcertmode"] = ["allow"],
        ["sslcompression"] = ["0"],
        ["sslcrl"] = [],
        ["sslcrldir"] = [],
        ["sslkeylogfile"] = [],
        ["sslsni"] = ["1"],
        ["tcp_user_timeout"] = ["0"],
        ["tty"] = [],
    };

    /// <summary>Environment variables of libpq and what they set, but for those Npgsql reads by itself.</summary>
    public static IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["PGHOSTADDR"] = "hostaddr",
        ["PGHOST"] = "host",
        ["PGPORT"] = "port",
        ["PGUSER"] = "user",
        ["PGDATABASE"] = "dbname",
        ["PGSSLMODE"] = "sslmode",
        ["PGAPPNAME"] = "application_name",
        ["PGOPTIONS"] = "options",
        ["PGCONNECT_TIMEOUT"] = "connect_timeout",
        ["PGTARGETSESSIONATTRS"] = "target_session_attrs",
        ["PGLOADBALANCEHOSTS"] = "load_balance_hosts",
        ["PGREQUIREAUTH"] = "require_auth",
        ["PGCHANNELBINDING"] = "channel_binding",
        ["PGKRBSRVNAME"] = "krbsrvname",
        ["PGREQUIREPEER"] = "requirepeer",
        ["PGSSLCERTMODE"] = "sslcertmode",
        ["PGSSLCRL"] = "sslcrl",
        ["PGSSLCRLDIR"] = "sslcrldir",
        ["PGSSLMINPROTOCOLVERSION"] = "ssl_min_protocol_version",
        ["PGSSLMAXPROTOCOLVERSION"] = "ssl_max_protocol_version",
    };

    /// <summary>Npgsql's name for a setting, also if it is given by that.</summary>
    public static string KeywordOf(string key) => Keywords.GetValueOrDefault(key, key);

    /// <summary>Npgsql's form of a value; null for one that leaves the setting as it is.</summary>
    /// <exception cref="ArgumentException">The value is none that libpq takes.</exception>
    public static string? ValueOf(string key, string value) => key.ToLowerInvariant() switch
    {
        // libpq's verify-full is Npgsql's VerifyFull.
        "sslmode" or "ssl mode" => value.Replace("-", null, StringComparison.Ordinal),
        // The certificates that the system trusts: Npgsql's own choice where no file is named.
        "sslrootcert" when value == "system" => null,
        "require_auth" => value
            .Replace("scram-sha-256", "ScramSHA256", StringComparison.OrdinalIgnoreCase)
            .Replace("password", "Password", StringComparison.OrdinalIgnoreCase)
            .Replace("none", "None", StringComparison.OrdinalIgnoreCase)
            .Replace("md5", "MD5", StringComparison.OrdinalIgnoreCase)
            .Replace("gss", "GSS", StringComparison.OrdinalIgnoreCase)
            .Replace("sspi", "SSPI", StringComparison.OrdinalIgnoreCase),
        "load_balance_hosts" => value switch { "disable" => "false", "random" => "true", _ => throw new ArgumentException(value) },
        "keepalives" => value switch { "0" => "false", "1" => "true", _ => throw new ArgumentException(value) },
        // libpq takes a negative number for no limit.
        "connect_timeout" when value.StartsWith('-') => "0",
        _ => value,
    };

    /// <summary>Null for a setting that Npgsql has or nobody knows. False if that value asks for nothing.</summary>
    public static bool? IsNotServed(string key, string value) =>
        Unserved.TryGetValue(key, out var harmless) ? !harmless.Contains(value, StringComparer.OrdinalIgnoreCase) : null;

    public static QueueUnavailableException NotServed(string key) => LocationText.Invalid(
        $"The setting '{key.ToLowerInvariant()}' is PostgreSQL's own client library's, and is not served here.",
        "Leave it out of the location, the service and the environment, if you can do without it.");
}
