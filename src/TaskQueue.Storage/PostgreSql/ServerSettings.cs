using System.Text.RegularExpressions;
using Npgsql;

namespace TaskQueue.Storage;

/// <summary>The settings of one location as Npgsql calls them.</summary>
/// <param name="showsKeys">False if a key that is not known may be a part of a password.</param>
internal sealed partial class ServerSettings(bool showsKeys)
{
    private const string Host = "Host";
    private const string HostAddress = "hostaddr";
    private const string Port = "Port";

    // What says where a queue is and as whom to connect.
    private static readonly HashSet<string> Names = new(
        [Host, HostAddress, Port, "Database", "Username", "Search Path"], StringComparer.OrdinalIgnoreCase);

    // Lists, which Npgsql's own settings do not take in this form.
    private readonly Dictionary<string, string> _places = new(StringComparer.OrdinalIgnoreCase);

    public NpgsqlConnectionStringBuilder Result { get; } = [];

    /// <summary>The servers, once <see cref="Complete"/> has been called.</summary>
    public IReadOnlyList<ServerHost> Hosts { get; private set; } = [];

    /// <summary>Takes a setting by libpq's or by Npgsql's name for it; true if it belongs to the queue's name.</summary>
    /// <exception cref="QueueUnavailableException">There is none of that name, it is not served, or the value is not valid.</exception>
    public bool Set(string key, string value)
    {
        var keyword = LibpqParameters.KeywordOf(key);
        if (keyword is Host or HostAddress or Port)
        {
            _places[keyword] = value;
            return true;
        }

        if (LibpqParameters.IsNotServed(key, value) is { } isNotServed)
        {
            return isNotServed ? throw LibpqParameters.NotServed(key) : false;
        }

        if (!Result.ContainsKey(keyword))
        {
            throw LocationText.Invalid(
                $"The location has a setting that is not known{(showsKeys && PlainKey().IsMatch(key) ? $": '{key}'" : null)}.");
        }

        try
        {
            if (LibpqParameters.ValueOf(key, value) is { } understood)
            {
                Result[keyword] = understood;
            }
        }
        catch (ArgumentException)
        {
            throw NotValid(key);
        }

        return Names.Contains(keyword);
    }

    /// <summary>Takes a value that nothing before has given.</summary>
    /// <param name="key">libpq's or Npgsql's name of the setting.</param>
    /// <param name="value">Null or empty: none.</param>
    public void SetDefault(string key, string? value)
    {
        if (!string.IsNullOrEmpty(value) && !IsGiven(LibpqParameters.KeywordOf(key)))
        {
            _ = Set(key, value);
        }
    }

    /// <summary>
    /// Gives what names the queue its one spelling, and throws if a password may have got into it: that is shown.
    /// <c>Host=db01;Database=jobs Password=x</c> is a valid connection string of a strange database.
    /// </summary>
    public void Complete()
    {
        Hosts = ServerHost.ReadList(_places[Host], _places.GetValueOrDefault(Port));
        Result.Host = Hosts is [var only] ? only.Name : string.Join(',', Hosts.Select(host => host.InList));
        Result.Port = Hosts[0].Port;
        Check("Maximum Pool Size", Result.MaxPoolSize > 1, "Give 2 or more: one connection waits for notices.");
        Check("user", NameWithoutSetting().IsMatch(Result.Username!));
        Check("database", NameWithoutSetting().IsMatch(Result.Database!));
        Check(
            "schema",
            SchemaName().IsMatch(Result.SearchPath!),
            "Give one name of at most 63 lower-case letters, digits and underscores that does not begin with a digit or 'pg_'.");
    }

    /// <summary>libpq connects to the address and checks the server's certificate by the name; Npgsql knows only one of them.</summary>
    public void ChooseAddress()
    {
        if (!_places.Remove(HostAddress, out var address))
        {
            return;
        }

        if (_places.TryGetValue(Host, out var name) && name != address)
        {
            throw LocationText.Invalid("The location gives both 'host' and 'hostaddr', which is not served.", "Give one of them.");
        }

        _places[Host] = address;
    }

    public static QueueUnavailableException NotValid(string key, string? recommendation = null) =>
        LocationText.Invalid($"The location's value of '{key}' is not valid.", recommendation);

    private bool IsGiven(string keyword) => keyword switch
    {
        Host or HostAddress => _places.ContainsKey(Host) || _places.ContainsKey(HostAddress),
        Port => _places.ContainsKey(Port),
        _ => Result.ContainsKey(keyword) && Result.ShouldSerialize(keyword),
    };

    private static void Check(string key, bool isValid, string? recommendation = null)
    {
        if (!isValid)
        {
            throw NotValid(key, recommendation);
        }
    }

    [GeneratedRegex("^[a-z_]{1,40}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PlainKey();

    [GeneratedRegex(@"^[^=\p{Cc}]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameWithoutSetting();

    // Never quoted: names are used as they are, in a search path as in SQL.
    [GeneratedRegex(@"^(?!pg_)[a-z_][a-z0-9_]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SchemaName();
}
