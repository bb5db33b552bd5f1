using System.Security.Cryptography.X509Certificates;

namespace TaskQueue.TestPostgres;

/// <summary>What a test wants of a server of its own.</summary>
public sealed record PostgresClusterOptions
{
    /// <summary>Where it listens; clients of other machines in this network of 256 addresses may log in.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>
    /// True: what is committed is on the disk. False is faster, and loses nothing either unless the machine itself fails.
    /// </summary>
    public bool IsDurable { get; init; }

    /// <summary>With it the server speaks TLS, and with nobody otherwise; with its private key.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>True: it also listens on a Unix-domain socket, where it takes whoever is known by that name to the system.</summary>
    public bool HasSocket { get; init; }

    /// <summary>More lines for the server's configuration, such as <c>max_connections = 10</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}
