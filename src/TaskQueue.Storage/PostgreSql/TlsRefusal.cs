using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Npgsql;

namespace TaskQueue.Storage;

/// <summary>
/// Finds out why a server's certificate was refused, of which Npgsql tells nothing: it shakes hands once more, looks at the certificate,
/// and hangs up before anything is said of user or password.
/// </summary>
internal sealed class TlsRefusal
{
    private readonly NpgsqlConnectionStringBuilder _settings;
    private string? _reason;

    private TlsRefusal(NpgsqlConnectionStringBuilder settings) => _settings = settings;

    /// <summary>True if the connection failed in the handshake.</summary>
    public static bool IsIn(Exception error) =>
        error.InnerException is AuthenticationException || (error.InnerException as AggregateException)?.InnerExceptions.Any(IsIn) is true;

    /// <summary>The error that tells why.</summary>
    public static QueueUnavailableException Explain(NpgsqlConnectionStringBuilder settings, string queue, Exception error)
    {
        var refusal = new TlsRefusal(settings);
        return new QueueUnavailableException(
            $"The certificate of the server of '{queue}' is refused: {refusal.Find() ?? "the handshake failed"}.",
            "Give the authority's certificate with sslrootcert, and a host name that the certificate has; "
                + "ask who runs the server which these are.",
            error);
    }

    private string? Find()
    {
        var looking = new NpgsqlConnectionStringBuilder(
            _settings.ConnectionString) { SslMode = SslMode.Require, RootCertificate = null, Pooling = false };
        var builder = new NpgsqlDataSourceBuilder(looking.ConnectionString);
        builder.UseSslClientAuthenticationOptionsCallback(options =>
            options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                _reason ??= certificate is null
                    ? "it has none"
                    : ReasonOf(
                        X509CertificateLoader.LoadCertificate(certificate.Export(X509ContentType.Cert)), chain, errors, options.TargetHost);
                return false;
            });
        try
        {
            using var source = builder.Build();
            source.OpenConnection().Dispose();
        }
        catch (Exception error) when (error is NpgsqlException or IOException or ArgumentException or NotSupportedException)
        {
            // As it must be.
        }

        return _reason;
    }

    private string? ReasonOf(X509Certificate2 certificate, X509Chain? presented, SslPolicyErrors errors, string? host)
    {
        using (certificate)
        using (var chain = new X509Chain())
        {
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            foreach (var element in presented?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            {
                chain.ChainPolicy.ExtraStore.Add(element.Certificate);
            }

            if (_settings.RootCertificate is { } root)
            {
                chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(root);
            }

            if (!chain.Build(certificate))
            {
                var problems = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
                return (problems & X509ChainStatusFlags.NotTimeValid) != 0
                    && (problems & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) == 0
                    ? $"it is valid from {certificate.NotBefore:yyyy-MM-dd} to {certificate.NotAfter:yyyy-MM-dd} only"
                    : (problems & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0
                        ? $"its issuer '{DisplayName(certificate, forIssuer: true)}' is not among those that are trusted"
                        : string.Join(" ", chain.ChainStatus.Select(status => status.StatusInformation.Trim().TrimEnd('.')));
            }

            return (errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0
                ? $"it is made out for {string.Join(", ", NamesOf(certificate).Select(name => $"'{name}'"))}, not for '{host}'"
                : null;
        }
    }

    private static string DisplayName(X509Certificate2 certificate, bool forIssuer) =>
        certificate.GetNameInfo(X509NameType.SimpleName, forIssuer);

    private static List<string> NamesOf(X509Certificate2 certificate)
    {
        try
        {
            var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
                .SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())))
                .ToList();
            return names.Count > 0 ? names : [DisplayName(certificate, forIssuer: false)];
        }
        catch (CryptographicException)
        {
            return [DisplayName(certificate, forIssuer: false)];
        }
    }
}
