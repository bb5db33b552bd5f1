using System.Security.Cryptography;
using System.Text;

namespace TaskQueue.Server;

/// <summary>Who may call: the tokens, each with its owner's name. The log of operations keeps that name.</summary>
internal sealed class Callers
{
    /// <summary>The name of a caller where no token is asked for.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>The name of the owner of a token without a name.</summary>
    public const string Unnamed = "api";

    private const int ShortestToken = 16;
    private const int LongestToken = 512;
    private const int LongestName = 100;

    private readonly List<(string Name, byte[] Hash)> _tokens = [];

    private Callers()
    {
    }

    /// <summary>False where no token is asked for.</summary>
    public bool AreChecked => _tokens.Count > 0;

    /// <exception cref="UsageException">A token is too short, the file cannot be read or others may read it.</exception>
    public static Callers Read(ServerSettings settings)
    {
        var callers = new Callers();
        if (settings.Token is { } token)
        {
            callers.Add(Unnamed, token, CommandLine.TokenVariable);
        }
        else if (settings.TokenFile is { } file)
        {
            callers.AddAll(file);
        }

        return callers;
    }

    /// <summary>The owner of the token that the call carries; null if it carries no known token.</summary>
    public string? OwnerOf(HttpRequest request)
    {
        const string Scheme = "Bearer ";
        return request.Headers.Authorization is [{ } header] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? Find(header[Scheme.Length..].Trim())
            : null;
    }

    /// <summary>The name of the token's owner; null if the token is not known.</summary>
    public string? Find(string token)
    {
        // All tokens are compared, each in constant time. So the time taken reveals neither which token matches nor how much of it.
        var hash = Hash(token);
        string? found = null;
        foreach (var (name, known) in _tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, known))
            {
                found = name;
            }
        }

        return found;
    }

    private void AddAll(string file)
    {
        foreach (var (line, number) in ReadLines(file).Select((line, index) => (line.Trim(), index + 1)))
        {
            if (line.Length == 0 || line.StartsWith('#'))
            {
                continue;
            }

            var parts = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length > 2)
            {
                throw new UsageException($"Line {number} of the token file has more than a name and a token.");
            }

            Add(parts.Length == 2 ? parts[0] : Unnamed, parts[^1], $"line {number} of the token file");
        }

        if (!AreChecked)
        {
            throw new UsageException($"The token file '{file}' holds no token. Write a line 'name token' for each caller.");
        }
    }

    private static string[] ReadLines(string file)
    {
        try
        {
            if (!OperatingSystem.IsWindows()
                && (File.GetUnixFileMode(
                    file) & (UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
            {
                throw new UsageException(
                    $"Others may read or write the token file '{file}'. Make it its owner's alone: chmod 600 '{file}'.");
            }

            return File.ReadAllLines(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The token file '{file}' cannot be read: {error.Message}");
        }
    }

    /// <param name="name">The owner.</param>
    /// <param name="token">The token, which no message ever repeats.</param>
    /// <param name="place">Where the token was read.</param>
    private void Add(string name, string token, string place)
    {
        if (token.Length is < ShortestToken or > LongestToken || token.Any(character => character is <= ' ' or > '~'))
        {
            throw new UsageException(
                $"The token in {place} cannot be used: {ShortestToken} to {LongestToken} printable ASCII characters without spaces are "
                    + "needed. Make one with: openssl rand -hex 32");
        }

        if (name.Length > LongestName)
        {
            throw new UsageException($"The name in {place} is longer than {LongestName} characters.");
        }

        if (Find(token) is not null)
        {
            throw new UsageException($"The token in {place} stands there twice. Give each caller a token of its own.");
        }

        _tokens.Add((name, Hash(token)));
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
