using System.Net;

namespace TaskQueue.Server.Tests;

public sealed class SecurityTests
{
    private const string Stats = RunningServer.Tasks + "/stats";

    [Theory]
    [InlineData("Bearer wrong-token-of-some-length")]
    [InlineData("Basic 0123456789abcdef-of-the-tests")]
    [InlineData("Bearer")]
    [InlineData("")]
    public async Task Without_the_token_nothing_of_the_queue_is_told(string authorization)
    {
        await using var server = await RunningServer.OfOwnQueue();
        server.Client.DefaultRequestHeaders.Authorization = null;

        var (status, answer) = await server.Call("GET", Stats, null, ("Authorization", authorization));
        Assert.Equal(401, status);
        var isGiven = authorization.StartsWith("Bearer w", StringComparison.Ordinal);
        Assert.StartsWith(
            isGiven ? "The server does not know this token." : "A token is needed.", (string?)answer!["detail"], StringComparison.Ordinal);
        Assert.Equal(401, (await server.Call("GET", "/metrics", null, ("Authorization", authorization))).Status);
        Assert.Equal(401, (await server.Call("POST", RunningServer.Tasks + "/clear/all", null, ("Authorization", authorization))).Status);
        Assert.Equal(200, (await server.Call("GET", "/healthz")).Status);
    }

    [Fact]
    public async Task A_name_that_is_not_the_server_s_is_refused_on_loopback()
    {
        await using var server = await RunningServer.OfOwnQueue(settings => settings with { AllowedHosts = ["queue.test"] });

        Assert.Equal(421, (await server.Call("GET", Stats, null, ("Host", "rebound.example"))).Status);
        Assert.Equal(200, (await server.Call("GET", Stats, null, ("Host", "queue.test:8077"))).Status);
        Assert.Equal(200, (await server.Call("GET", Stats, null, ("Host", "localhost"))).Status);
    }

    [Theory]
    [InlineData("Origin", "http://elsewhere.example", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 400)]
    [InlineData("Sec-Fetch-Site", "none", 400)]
    public async Task Another_site_s_page_cannot_call(string header, string value, int status)
    {
        await using var server = await RunningServer.OfOwnQueue();

        Assert.Equal(status, (await server.Call("GET", RunningServer.Tasks + "/nobody/cancel", null, (header, value))).Status);
        Assert.Equal(status, (await server.Call("POST", RunningServer.Tasks + "/cancel/nobody", null, (header, value))).Status);
    }

    [Fact]
    public async Task Too_many_calls_are_told_when_to_come_back()
    {
        await using var server = await RunningServer.OfOwnQueue(settings => settings with { RateLimit = 1 });
        var cancel = TestContext.Current.CancellationToken;
        HttpResponseMessage? refused = null;
        for (var call = 0; call < 20 && refused is null; call++)
        {
            var response = await server.Client.GetAsync(Stats, cancel);
            refused = response.StatusCode is HttpStatusCode.TooManyRequests ? response : null;
        }

        Assert.NotNull(refused?.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        await using var server = await RunningServer.OfOwnQueue(settings => settings with { MaxBody = 1024 });

        Assert.Equal(
            413, (await server.Call("POST", RunningServer.Tasks, $$"""{"task_type":"work","data":"{{new string('x', 2000)}}"}""")).Status);
    }

    [Fact]
    public async Task Every_answer_tells_browsers_to_keep_to_themselves()
    {
        await using var server = await RunningServer.OfOwnQueue();

        foreach (var path in new[] { Stats, "/nothing", "/openapi/v1.json" })
        {
            using var response = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
            Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task A_queue_that_is_not_there_is_503_until_it_is()
    {
        await using var server = await RunningServer.Start();

        var (status, answer) = await server.Call("GET", Stats);
        Assert.Equal(503, status);
        Assert.NotNull(answer!["detail"]);
        Assert.Equal(503, (await server.Call("GET", "/healthz")).Status);
        Assert.False((await server.Call("GET", RunningServer.Tasks + "/health")).Body!["enabled"]!.GetValue<bool>());

        Storage.TaskStores.Open(server.Queue, new Storage.StoreOptions { Create = true }).Dispose();
        Assert.Equal(200, (await server.Call("GET", Stats)).Status);
    }

    [Fact]
    public async Task The_log_knows_the_caller_by_the_name_of_the_token_and_by_the_address()
    {
        await using var server = await RunningServer.OfOwnQueue();
        await server.Call("POST", RunningServer.Tasks, """{"task_type":"work","task_id":"a/b c"}""");
        Assert.Equal(200, (await server.Call("POST", RunningServer.Tasks + "/cancel/a%2Fb%20c?reason=wrong%20file")).Status);

        using var queue = server.OpenQueue();
        var operation = Assert.Single(queue.History.ReadOperations(new OperationQuery(), TestContext.Current.CancellationToken));
        Assert.Equal(
            ("cancel", "api", "127.0.0.1", "POST /api/v1/tasks/cancel/{id}", "wrong file"),
            (operation.Kind, operation.User, operation.Machine, operation.Command, operation.Reason));
    }
}
