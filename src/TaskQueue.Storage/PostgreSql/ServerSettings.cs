using System.Text.RegularExpressions;
using Npgsql;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>The settings of one location as Npgsql calls them.</summary>
/// <param name="showsKeys">False if a key that is not known may be a part of a password.</param>
internal sealed partial class ServerSettings(bool showsKeys)
{
    // Where Npgsql's keyword is another one than libpq's: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
    private static readonly Dictionary<string, string> Keywords = new(StringComparer.OrdinalIgnoreCase)
    {
        ["user"] = "Username",
        ["dbname"] = "Database",
        ["schema"] = "Search Path",
        ["connect_timeout"] = "Timeout",
        ["application_name"] = "Application Name",
        ["client_encoding"] = "Client Encoding",
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["gssencmode"] = "GSS Encryption Mode",
        ["channel_binding"] = "Channel Binding",
        ["target_session_attrs"] = "Target Session Attributes",
    };

    // What says where a queue is and as whom to connect.
    private static readonly HashSet<string> Names = new(["Host", "Server", "Port", "Database", "Username", "Search Path"], StringComparer.OrdinalIgnoreCase);

    public NpgsqlConnectionStringBuilder Result { get; } = [];

    /// <summary>Takes a setting by libpq's or by Npgsql's name for it; true if it belongs to the queue's name.</summary>
    /// <exception cref="QueueUnavailableException">There is none of that name, or the value is not valid.</exception>
    public bool Set(string key, string value)
    {
        var keyword = Keywords.GetValueOrDefault(key, key);
        if (!Result.ContainsKey(keyword))
        {
            throw LocationText.Invalid(
                $"The location has a setting that is not known{(showsKeys && PlainKey().IsMatch(key) ? $": '{key}'" : null)}.");
        }

        try
        {
            // libpq's verify-full is Npgsql's VerifyFull.
            Result[keyword] = keyword == "SSL Mode" ? value.Replace("-", null, StringComparison.Ordinal) : value;
        }
        catch (ArgumentException)
        {
            throw NotValid(key);
        }

        return Names.Contains(keyword);
    }

    /// <summary>Takes a value by Npgsql's name that the location does not give itself.</summary>
    /// <param name="keyword">Npgsql's name.</param>
    /// <param name="value">Null or empty: none.</param>
    public void SetDefault(string keyword, string? value)
    {
        if (!string.IsNullOrEmpty(value) && !Result.ShouldSerialize(keyword))
        {
            _ = Set(keyword, value);
        }
    }

    /// <summary>
    /// Gives what names the queue its one spelling, and throws if a password may have got into it: that is shown. <c>Host=db01 Password=x</c>
    /// is a valid connection string of a strange host.
    /// </summary>
    public void CheckNames()
    {
        if (HostAndPort().Match(Result.Host!) is { Success: true } both)
        {
            Result.Host = both.Groups["host"].Value;
            _ = Set("port", both.Groups["port"].Value);
        }

        Result.Host = Result.Host!.StartsWith('/') ? Result.Host : Result.Host.Trim('[', ']').ToLowerInvariant();
        Check("host", HostName().IsMatch(Result.Host), "Give one server: a name, an address, or the folder of a Unix-domain socket.");
        Check("port", Result.Port <= ushort.MaxValue, "Give a port from 1 to 65535.");
        Check("Maximum Pool Size", Result.MaxPoolSize > 1, "Give 2 or more: one connection waits for notices.");
        Check("user", NameWithoutSetting().IsMatch(Result.Username!));
        Check("database", NameWithoutSetting().IsMatch(Result.Database!));
        Check(
            "schema",
            SchemaName().IsMatch(Result.SearchPath!),
            "Give one name of at most 63 lower-case letters, digits and underscores that does not begin with a digit or 'pg_'.");
    }

    private static void Check(string key, bool isValid, string? recommendation = null)
    {
        if (!isValid)
        {
            throw NotValid(key, recommendation);
        }
    }

    private static QueueUnavailableException NotValid(string key, string? recommendation = null) =>
        LocationText.Invalid($"The location's value of '{key}' is not valid.", recommendation);

    [GeneratedRegex("^[a-z_]{1,40}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PlainKey();

    // Npgsql takes both from a connection string's host.
    [GeneratedRegex(@"^(?<host>[^:/]+|\[.*\]):(?<port>[0-9]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex HostAndPort();

    [GeneratedRegex(@"^(/[^=,]*|[\p{L}\p{N}._-]+|[0-9a-f:.]*:[0-9a-f:.]*(%[\w.-]+)?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostName();

    [GeneratedRegex(@"^[^=\p{Cc}]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameWithoutSetting();

    // Never to be quoted, in a search path as in SQL.
    [GeneratedRegex(@"^(?!pg_)[a-z_][a-z0-9_]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SchemaName();
}
