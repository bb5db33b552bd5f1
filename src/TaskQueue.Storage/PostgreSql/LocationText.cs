using System.Data.Common;
using System.Text.RegularExpressions;

namespace TaskQueue.Storage;

/// <summary>Takes the text of a server's location apart into its settings.</summary>
internal static partial class LocationText
{
    private const string NothingKnown = "The location is neither a path, nor a URI of PostgreSQL, nor a valid connection string.";

    /// <summary>
    /// The settings in the order of the text; those of a URI by libpq's names, those of a connection string as they are spelled there.
    /// </summary>
    /// <exception cref="QueueUnavailableException">It is neither a URI nor a connection string.</exception>
    public static IEnumerable<KeyValuePair<string, string>> Read(string text) =>
        Scheme().Match(text) is { Success: true } scheme ? ReadUri(text.Trim()[scheme.Value.Trim().Length..])
        : OtherScheme().IsMatch(text) ? throw Invalid(NothingKnown)
        : ReadKeywords(text) ?? ReadConnectionString(text);

    /// <summary>
    /// True if a password may follow among the settings: a stray '&amp;' or ';' in it makes the rest of it look like a key.
    /// </summary>
    public static bool HasPasswordKey(string text) =>
        // In a URI the password of the user ends for certain at the '@'.
        PasswordKey().IsMatch(text, Scheme().IsMatch(text) ? text.LastIndexOf('@') + 1 : 0);

    /// <summary>What is wrong with a location. Never with an inner exception: those of parsers repeat what they could not read.</summary>
    public static QueueUnavailableException Invalid(string message, string? recommendation = null) => new(
        message,
        recommendation
            ?? "Give a URI such as postgresql://user@host:5432/database?schema=name, or a connection string such as "
                + "Host=…;Database=…;Username=….");

    private static IEnumerable<KeyValuePair<string, string>> ReadUri(string text)
    {
        // Ambiguous texts are refused: a stray character could make a part of the password look like the host or the database, which are
        // shown.
        var parts = text.Split('@');
        if (parts.Length > 2 || (parts.Length == 2 && parts[0].AsSpan().ContainsAny('/', '?')))
        {
            throw Invalid(
                "The location is not a valid URI: it has more than one '@', or a '/' or '?' before it.",
                "Percent-encode such characters in names and passwords: %40 for '@', %2F for '/', %3F for '?'.");
        }

        var place = Place().Match(parts[^1]);
        var servers = place.Groups["servers"].Value.Split(',').Select(server => Server().Match(server)).ToList();
        if (!servers.TrueForAll(server => server.Success))
        {
            throw Invalid("The location is not a valid URI: host and port cannot be told apart.");
        }

        var user = parts.Length == 2 ? parts[0].Split(':', 2) : [""];
        (string Key, string Value)[] settings =
        [
            ("user", user[0]),
            ("password", user.ElementAtOrDefault(1) ?? ""),
            ("host", string.Join(',', servers.Select(server => server.Groups["host"].Value))),
            ("port", servers.Exists(server => server.Groups["port"].Length > 0)
                ? string.Join(',', servers.Select(server => server.Groups["port"].Value))
                : ""),
            ("dbname", place.Groups["database"].Value),
        ];
        var query = place.Groups["query"].Value.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(setting => setting.Split('=', 2));
        return settings.Concat(query.Select(setting => setting.Length == 2
                ? (Key: Decode(setting[0]), Value: setting[1])
                : throw Invalid(
                    "The location is not a valid URI: a setting after the '?' has no value.",
                    "Write key=value; percent-encode '&' in values as %26.")))
            .Where(setting => setting.Value.Length > 0)
            .Select(setting => KeyValuePair.Create(setting.Key, Decode(setting.Value)));
    }

    /// <summary>libpq's own form, with spaces between its settings; null if it is not that.</summary>
    private static List<KeyValuePair<string, string>>? ReadKeywords(string text)
    {
        List<KeyValuePair<string, string>> settings = [];
        var end = 0;
        for (var setting = Keyword().Match(text); setting.Success; setting = Keyword().Match(text, end))
        {
            settings.Add(KeyValuePair.Create(setting.Groups["key"].Value, Escaped().Replace(setting.Groups["value"].Value, "$1")));
            end = setting.Index + setting.Length;
        }

        // An empty value counts as none, as in libpq.
        return settings.Count > 0 && string.IsNullOrWhiteSpace(text[end..]) ? settings.FindAll(setting => setting.Value.Length > 0) : null;
    }

    private static IEnumerable<KeyValuePair<string, string>> ReadConnectionString(string text)
    {
        try
        {
            var settings = new DbConnectionStringBuilder { ConnectionString = text };
            return settings.Keys.Cast<string>().Select(key => KeyValuePair.Create(key, (string)settings[key]));
        }
        catch (ArgumentException)
        {
            throw Invalid(NothingKnown);
        }
    }

    private static string Decode(string text) => Escapes().IsMatch(text)
        ? throw Invalid("The location is not a valid URI: a '%' is not followed by two hexadecimal digits.", "Write %25 for '%'.")
        : Uri.UnescapeDataString(text);

    [GeneratedRegex("^\\s*postgres(ql)?://", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();

    [GeneratedRegex("^\\s*(postgres(ql)?:|[a-z][a-z0-9+.-]+://)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OtherScheme();

    [GeneratedRegex(@"^(?<servers>[^/?]*)(/(?<database>[^?]*))?(\?(?<query>.*))?$", RegexOptions.Singleline)]
    private static partial Regex Place();

    [GeneratedRegex(@"^(\[(?<host>[^\]]*)\]|(?<host>[^:\[\]]*))(:(?<port>.*))?$", RegexOptions.Singleline)]
    private static partial Regex Server();

    // A ';' outside of quotes belongs to a connection string.
    [GeneratedRegex(
        @"\G\s*(?<key>[a-z_]+)\s*=\s*('(?<value>(\\.|[^'\\])*)'|(?!"")(?<value>(\\.|[^\s'\\;])*))(?=\s|\z)",
        RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Keyword();

    [GeneratedRegex(@"\\(.)", RegexOptions.Singleline)]
    private static partial Regex Escaped();

    [GeneratedRegex("pass|pwd|psw", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PasswordKey();

    [GeneratedRegex("%(?![0-9A-Fa-f]{2})|%00", RegexOptions.CultureInvariant)]
    private static partial Regex Escapes();
}
