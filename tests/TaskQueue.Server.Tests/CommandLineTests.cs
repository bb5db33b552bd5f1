using TaskQueue.Tests.Store;

namespace TaskQueue.Server.Tests;

public sealed class CommandLineTests : IDisposable
{
    private const string Token = "0123456789abcdef";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--queue q.db --no-auth --urls http://0.0.0.0:8077", "loopback only")]
    [InlineData("--queue q.db --no-auth --urls http://127.0.0.1:1;http://192.0.2.1:1", "loopback only")]
    [InlineData("--queue q.db --no-auth --urls http://*:8077", "loopback only")]
    [InlineData("--queue q.db --no-auth --token-file f", "exclude each other")]
    [InlineData("--queue q.db", "No token")]
    [InlineData("--no-auth", "No queue")]
    [InlineData("--queue q.db --no-auth --urls ftp://127.0.0.1", "--urls")]
    [InlineData("--queue q.db --no-auth --rate-limit -1", "0 to 100000")]
    [InlineData("--queue q.db --no-auth --max-body 10", "1024 to")]
    [InlineData("--queue q.db --no-auth --timeout 10", "no unit")]
    [InlineData("--queue q.db --no-auth --surprise", "--help")]
    [InlineData("--queue", "needs a value")]
    public void What_is_unsafe_or_unknown_is_refused_with_what_to_do(string line, string message)
    {
        var error = Assert.Throws<UsageException>(() => CommandLine.Parse(line.Split(' '), _ => null));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_in_the_environment_is_never_repeated()
    {
        var settings = CommandLine.Parse(["--queue", "q.db"], name => name == CommandLine.TokenVariable ? "too short" : null);

        Assert.DoesNotContain("too short", Assert.Throws<UsageException>(() => Callers.Read(settings)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_file_names_the_callers()
    {
        var callers = Callers.Read(WithFile($"# who may call\nops {Token}-1\n\n{Token}-2\n"));

        Assert.Equal(("ops", "api", null), (callers.Find(Token + "-1"), callers.Find(Token + "-2"), callers.Find(Token + "-3")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("a b 0123456789abcdef")]
    [InlineData("ops 0123456789abcdef\ndev 0123456789abcdef")]
    public void A_token_file_that_makes_no_sense_is_refused(string text) =>
        Assert.Throws<UsageException>(() => Callers.Read(WithFile(text)));

    [Fact]
    public void A_token_file_that_others_may_read_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix alone has these permissions.");
        var settings = WithFile("ops " + Token);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(settings.TokenFile!, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        }

        Assert.Contains("chmod 600", Assert.Throws<UsageException>(() => Callers.Read(settings)).Message, StringComparison.Ordinal);
    }

    private ServerSettings WithFile(string text)
    {
        var file = _folder["tokens"];
        File.WriteAllText(file, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return new ServerSettings { Queue = "q.db", TokenFile = file };
    }
}
