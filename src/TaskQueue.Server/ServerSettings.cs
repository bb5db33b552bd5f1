using System.Net;

namespace TaskQueue.Server;

/// <summary>The settings that the server is started with; see <see cref="CommandLine"/> for units and ranges.</summary>
internal sealed record ServerSettings
{
    public const string DefaultUrl = "http://127.0.0.1:8077";

    /// <summary>The location of the queue. It may hold a password, so it must never be shown.</summary>
    public required string Queue { get; init; }

    public bool CreateQueue { get; init; }

    /// <summary>Original layout: the offset of its service's local times, instead of the one its rows tell.</summary>
    public TimeSpan? UtcOffset { get; init; }

    /// <summary>How long a call waits for a lock or a server.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    public IReadOnlyList<Uri> Urls { get; init; } = [new(DefaultUrl)];

    public string? TokenFile { get; init; }

    /// <summary>A token from the environment; null if there is a token file.</summary>
    public string? Token { get; init; }

    public bool NoAuth { get; init; }

    /// <summary>Further names by which clients may call the server, without a port.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>The addresses of reverse proxies, whose X-Forwarded-For is believed.</summary>
    public IReadOnlyList<IPAddress> TrustedProxies { get; init; } = [];

    /// <summary>Calls per second from one address, by one owner of a token or without a token; 0 for no limit.</summary>
    public int RateLimit { get; init; } = 100;

    /// <summary>The largest body of a request, in bytes.</summary>
    public long MaxBody { get; init; } = 1024 * 1024;

    /// <summary>True if nobody but this machine can call.</summary>
    public bool IsLoopbackOnly => Urls.All(IsLoopback);

    private static bool IsLoopback(Uri url) => url.IsLoopback;
}
