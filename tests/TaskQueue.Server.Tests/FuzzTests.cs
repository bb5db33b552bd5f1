using CsCheck;
using TaskQueue.Storage;

namespace TaskQueue.Server.Tests;

public sealed class FuzzTests
{
    // Enough for each route several times over; CsCheck_Iter asks for more.
    private const int Calls = 600;

    [Fact]
    public async Task No_call_that_the_description_allows_or_not_breaks_the_server_or_the_queue()
    {
        await using var server = await RunningServer.OfOwnQueue();
        server.Client.Timeout = TimeSpan.FromMinutes(3);
        using (var queue = TaskStores.Open(server.Queue, new StoreOptions { ForWriting = true }))
        {
            var cancel = TestContext.Current.CancellationToken;
            queue.Enqueue([.. Enumerable.Range(0, 30).Select(number => new NewTask { Id = $"task-{number}", Type = "work" })], cancel);
            queue.Claim(
                new ClaimRequest
                {
                    Types = ["work"], Tokens = [.. Enumerable.Range(0, 10).Select(_ => Guid.NewGuid())], Worker = "tester:1",
                    LeaseTime = TimeSpan.FromMilliseconds(1),
                },
                cancel);
        }

        var (_, document) = await server.Call("GET", "/openapi/v1.json");
        Assert.StartsWith("3.1", (string?)document!["openapi"], StringComparison.Ordinal);
        await DescribedCalls.Of(document).SampleAsync(
            async call =>
            {
                var (status, answer) = await server.Call(call.Method, call.Path, call.Body);
                Assert.True(status is < 500 or 503, $"{status}: {answer}");
            },
            iter: Calls,
            threads: 4,
            print: call => $"{call.Method} {call.Path}\n{call.Body}");

        Assert.Equal("'ok'", RawDatabase.Rows(server.Queue, "PRAGMA integrity_check")[0]["integrity_check"]);
        Assert.Equal(200, (await server.Call("GET", RunningServer.Tasks + "/list?limit=1000")).Status);
    }
}
