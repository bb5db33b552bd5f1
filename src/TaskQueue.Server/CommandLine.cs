using System.Globalization;
using System.Net;

namespace TaskQueue.Server;

/// <summary>Reads the command line and the environment.</summary>
internal static class CommandLine
{
    public const string TokenVariable = "TASKQUEUE_TOKEN";
    public const string QueueVariable = "TASKQUEUE";

    private const long LargestBody = 100 * 1024 * 1024;

    public const string Usage =
        """
        TaskQueue.Server: the HTTP API of a task queue.

          --queue <location>        the path of a queue's file, or the location of a
                                    PostgreSQL server; else $TASKQUEUE
          --create                  make the queue if there is none
          --urls <urls>             where to listen, separated by ';';
                                    http://127.0.0.1:8077 by default. Anything but
                                    loopback needs a token
          --token-file <file>       who may call: a line for each, 'name token' or a
                                    token alone. Tokens have 16 to 512 characters. Else
                                    one token in $TASKQUEUE_TOKEN
          --no-auth                 no token is asked for; on loopback only
          --allowed-host <name>     a further name that clients call the server by,
                                    without port; repeatable. On loopback others than
                                    localhost, 127.0.0.1 and [::1] are refused
          --trusted-proxy <address> the IP address of a reverse proxy whose
                                    X-Forwarded-For is believed; repeatable
          --rate-limit <n>          calls per second of one token's owner or, without a
                                    token, one address; 0 to 100000, 0 for no limit; 100
                                    by default
          --max-body <bytes>        the largest body of a request, 1024 to 104857600;
                                    1048576 by default
          --timeout <duration>      how long a call waits for a lock or a server, 1s to
                                    10m; 10s by default
          --utc-offset <offset>     original layout: the offset of its service's local
                                    times, such as +08:00, instead of the one its rows
                                    tell
          --help
        """;

    public static bool AsksForHelp(IReadOnlyList<string> args) => args.Any(arg => arg is "--help" or "-h" or "-?");

    /// <exception cref="UsageException">Something is missing, unknown, or not valid.</exception>
    public static ServerSettings Parse(IReadOnlyList<string> args, Func<string, string?> environment)
    {
        var settings = new ServerSettings { Queue = environment(QueueVariable) ?? "" };
        for (var index = 0; index < args.Count; index++)
        {
            var name = args[index];
            settings = name switch
            {
                "--queue" => settings with { Queue = Value() },
                "--create" => settings with { CreateQueue = true },
                "--urls" => settings with { Urls = ParseUrls(Value()) },
                "--token-file" => settings with { TokenFile = Value() },
                "--no-auth" => settings with { NoAuth = true },
                "--allowed-host" => settings with { AllowedHosts = [.. settings.AllowedHosts, ParseHost(Value())] },
                "--trusted-proxy" => settings with { TrustedProxies = [.. settings.TrustedProxies, ParseAddress(Value())] },
                "--rate-limit" => settings with { RateLimit = (int)ParseNumber(name, Value(), 0, 100_000) },
                "--max-body" => settings with { MaxBody = ParseNumber(name, Value(), 1024, LargestBody) },
                "--timeout" => settings with { Timeout = ParseTimeout(Value()) },
                "--utc-offset" => settings with { UtcOffset = ParseOffset(Value()) },
                // The argument is not repeated as a whole: it may be a secret whose option is missing.
                _ =>
                    throw new UsageException(
                        "Unknown option"
                            + (name.StartsWith("--", StringComparison.Ordinal) ? $" '{name.Split('=')[0]}'" : $" at place {index + 1}")
                            + "; values follow their option after a space, and --help lists what there is."),
            };

            string Value() => ++index < args.Count ? args[index] : throw new UsageException($"{name} needs a value; --help says which.");
        }

        // A named file takes precedence over the environment.
        return Check(
            settings.TokenFile is null
                ? settings with { Token = environment(TokenVariable) is { Length: > 0 } token ? token : null }
                : settings);
    }

    private static ServerSettings Check(ServerSettings settings)
    {
        if (string.IsNullOrWhiteSpace(settings.Queue))
        {
            throw new UsageException($"No queue is named. Give --queue with a file's path or a server's location, or set {QueueVariable}.");
        }

        if (settings.NoAuth && (settings.TokenFile ?? settings.Token) is not null)
        {
            throw new UsageException(
                "--no-auth and a token exclude each other. "
                    + $"Leave out --no-auth, or {(settings.TokenFile is null ? TokenVariable : "--token-file")}.");
        }

        if (settings.NoAuth && !settings.IsLoopbackOnly)
        {
            throw new UsageException(
                "--no-auth is for loopback only: everybody who reaches the other addresses could stop and delete tasks. "
                    + "Give --token-file, or listen on 127.0.0.1.");
        }

        if (!settings.NoAuth && settings.TokenFile is null && settings.Token is null)
        {
            throw new UsageException(
                $"No token is given. Give --token-file, set {TokenVariable}, or, for yourself on this machine alone, --no-auth.");
        }

        return settings;
    }

    private static Uri[] ParseUrls(string text)
    {
        Uri[] urls = [.. text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(ParseUrl)];
        return urls.Length > 0 ? urls : throw new UsageException("--urls names no address, such as " + ServerSettings.DefaultUrl + ".");
    }

    private static Uri ParseUrl(string text) =>
        // '*' and '+' stand for every address, which a URI cannot express.
        Uri.TryCreate(
            text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal),
            UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https" && url.PathAndQuery is "/" && url.UserInfo.Length == 0
            ? url
            : throw new UsageException(
                "--urls takes addresses such as " + ServerSettings.DefaultUrl + ", without a path; several are separated by ';'.");

    private static string ParseHost(string text) =>
        Uri.CheckHostName(text) is not UriHostNameType.Unknown
            ? text
            : throw new UsageException($"--allowed-host takes the name of a host without a port; '{text}' is not one.");

    private static IPAddress ParseAddress(string text) =>
        IPAddress.TryParse(text, out var address)
            ? address
            : throw new UsageException($"--trusted-proxy takes an IP address; '{text}' is not one.");

    private static long ParseNumber(string name, string text, long least, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{name} takes a whole number from {least} to {most}."));

    private static TimeSpan ParseTimeout(string text)
    {
        var value = Parsed("--timeout", () => new Duration(text).Value);
        return value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromMinutes(10)
            ? value
            : throw new UsageException("--timeout takes 1s to 10m.");
    }

    private static TimeSpan ParseOffset(string text) => Parsed("--utc-offset", () => new ServiceOffset(text).Value);

    private static T Parsed<T>(string name, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (FormatException error)
        {
            throw new UsageException($"{name}: {error.Message}");
        }
    }
}
