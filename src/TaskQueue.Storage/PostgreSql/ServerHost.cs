using System.Globalization;
using System.Text.RegularExpressions;

namespace TaskQueue.Storage;

/// <summary>One of the servers that a location names.</summary>
/// <param name="Name">A name in lower case, an address, or the folder of a Unix-domain socket.</param>
/// <param name="Port">Its port; also part of a socket's name.</param>
internal sealed partial record ServerHost(string Name, int Port)
{
    private const int DefaultPort = 5432;

    /// <summary>True for a Unix-domain socket: a folder, or a name in Linux's abstract namespace.</summary>
    public bool IsSocket => Name[0] is '/' or '@';

    /// <summary>As a URI has it.</summary>
    public override string ToString()
    {
        var name = IsSocket
            ? Uri.EscapeDataString(Name)
            : Name.Contains(':') ? $"[{Name.Replace("%", "%25", StringComparison.Ordinal)}]" : Name;
        return string.Create(CultureInfo.InvariantCulture, $"{name}:{Port}");
    }

    /// <summary>As Npgsql takes it in a list.</summary>
    public string InList => string.Create(CultureInfo.InvariantCulture, $"{(Name.Contains(':') ? $"[{Name}]" : Name)}:{Port}");

    /// <summary>Reads the servers of a location.</summary>
    /// <param name="hosts">One or several, separated by commas; each may have its port with it.</param>
    /// <param name="ports">None, one for all, or one for each, of which an empty one is the usual one.</param>
    /// <exception cref="QueueUnavailableException">One is none, or a port is none.</exception>
    public static IReadOnlyList<ServerHost> ReadList(string hosts, string? ports)
    {
        var names = hosts.Split(',', StringSplitOptions.TrimEntries);
        var numbers = (ports ?? "").Split(',', StringSplitOptions.TrimEntries);
        return numbers.Length == 1 || numbers.Length == names.Length
            ? [.. names.Select((name, index) => Read(name, numbers[numbers.Length == 1 ? 0 : index]))]
            : throw ServerSettings.NotValid("port", "Give one port for all hosts, or one for each.");
    }

    private static ServerHost Read(string text, string port)
    {
        if (WithPort().Match(text) is { Success: true } both)
        {
            text = both.Groups["host"].Value;
            port = both.Groups["port"].Value;
        }

        var name = text is ['/' or '@', ..] ? text : text.Trim('[', ']').ToLowerInvariant();
        if (!HostName().IsMatch(name))
        {
            throw ServerSettings.NotValid("host", "Give names, addresses or folders of Unix-domain sockets, separated by commas.");
        }

        return port.Length == 0 ? new ServerHost(name, DefaultPort)
            : int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= ushort.MaxValue
                ? new ServerHost(name, number)
                : throw ServerSettings.NotValid("port", "Give a port from 1 to 65535.");
    }

    [GeneratedRegex(@"^(?<host>/[^:]*|[^:/]+|\[.*\]):(?<port>[0-9]+)$", RegexOptions.CultureInvariant)]
    private static partial Regex WithPort();

    [GeneratedRegex(@"^([/@][^=,]*|[\p{L}\p{N}._-]+|[0-9a-f:.]*:[0-9a-f:.]*(%[\w.-]+)?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostName();
}
