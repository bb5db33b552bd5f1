using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Npgsql;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>A server that speaks to nobody without TLS.</summary>
public sealed class PostgresTlsTests : PostgresTestBase
{
    // Several times as long as a listener waits at a time.
    private static readonly TimeSpan ForAWhile = TimeSpan.FromSeconds(1.5);

    private readonly TemporaryFolder _folder;
    private readonly string _authority;

    public PostgresTlsTests()
        : this(Certificate("127.0.0.1"))
    {
    }

    private PostgresTlsTests(X509Certificate2 certificate)
        : base(new() { Certificate = certificate })
    {
        _folder = Own(new TemporaryFolder());
        _authority = Write("known.crt", certificate);
    }

    [Fact]
    public void A_queue_is_used_as_any_other_one_whose_certificate_is_verified()
    {
        var store = Open(location: Verified(_authority));
        using var told = new AutoResetEvent(false);
        using var watch = store.Watch(() => told.Set());
        Eventually(() => Listener() is not null, "the listener looks by itself");
        var listener = Listener();
        Thread.Sleep(ForAWhile);
        Assert.Equal(listener, Listener());
        told.WaitOne(0);

        Enqueue(Open(location: Queue with { Settings = ["sslmode=require"] }), "a");

        Assert.True(told.WaitOne(HangGuard.Longest));
        Assert.Equal("a", Assert.Single(store.Claim(Request(), Cancel)).Id);
    }

    [Fact]
    public void A_server_whose_certificate_nobody_vouches_for_is_not_spoken_to()
    {
        using var stranger = Certificate("127.0.0.1");

        var error = Assert.Throws<QueueUnavailableException>(() => Open(location: Verified(Write("stranger.crt", stranger))));

        Assert.Contains("its issuer '127.0.0.1' is not among those that are trusted", error.Message, StringComparison.Ordinal);
        Assert.Contains("sslrootcert", error.Advice?.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Queue.Password!, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_whose_certificate_is_made_out_for_another_name_is_not_spoken_to()
    {
        var error = Assert.Throws<QueueUnavailableException>(() => Open(location: Verified(_authority) with { Host = "localhost" }));

        Assert.Contains("it is made out for '127.0.0.1', not for 'localhost'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_that_has_expired_is_told_from_one_of_a_stranger()
    {
        using var expired = Certificate("127.0.0.1", DateTimeOffset.UtcNow.AddDays(-1));
        using var cluster = PostgresCluster.Start(new() { Certificate = expired });
        var location = cluster.NewQueue() with
        {
            Settings = ["sslmode=verify-full", $"sslrootcert={Uri.EscapeDataString(Write("expired.crt", expired))}"],
        };

        var error = Assert.Throws<QueueUnavailableException>(() => TaskStores.Open(location.ToString(), Writing));

        Assert.Contains("it is valid from", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_location_that_wants_no_TLS_is_told_that_the_server_does()
    {
        var error = Assert.Throws<QueueUnavailableException>(() => Open(location: Queue with { Settings = ["sslmode=disable"] }));

        Assert.Contains("no encryption", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The process of the server that the listener is connected to.</summary>
    private int? Listener()
    {
        using var connection = Cluster.Superuser.Connect();
        using var command = new NpgsqlCommand(
            "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_catalog.pg_current_snapshot()::text'", connection);
        return (int?)command.ExecuteScalar();
    }

    private PostgresLocation Verified(string authority) =>
        Queue with { Settings = ["sslmode=verify-full", $"sslrootcert={Uri.EscapeDataString(authority)}"] };

    private string Write(string name, X509Certificate2 certificate)
    {
        var path = _folder[name];
        File.WriteAllText(path, certificate.ExportCertificatePem());
        return path;
    }

    private static X509Certificate2 Certificate(string address, DateTimeOffset? end = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={address}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(
                certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-2), end ?? DateTimeOffset.UtcNow.AddDays(1));
    }
}
