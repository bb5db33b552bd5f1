using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TaskQueue.Server.Tests;

/// <summary>What an attack found once: it stays mended.</summary>
public sealed class HardenedTests
{
    private const string Tasks = RunningServer.Tasks;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_id_is_never_taken_for_a_word_of_the_route_in_another_case()
    {
        await using var server = await RunningServer.OfOwnQueue();
        string[] ids = ["api", "API", "tasks", "TASKS", "cancel", "Cancel", "status", "Status"];
        foreach (var id in ids)
        {
            Assert.Equal(201, (await server.Call("POST", Tasks, $$"""{"task_type":"work","task_id":"{{id}}"}""")).Status);
        }

        foreach (var id in ids)
        {
            Assert.Equal(id, (string?)(await server.Call("GET", $"{Tasks}/status/{id}")).Body!["data"]!["task_id"]);
        }

        Assert.Equal(200, (await server.Call("DELETE", $"{Tasks}/API")).Status);
        Assert.Equal(200, (await server.Call("POST", $"{Tasks}/cancel/Cancel")).Status);
        Assert.Equal(200, (await server.Call("POST", "/api/v1/TASKS/cancel/tasks")).Status);
        using var queue = server.OpenQueue();
        Assert.Equal(
            ["api", "TASKS", "cancel", "status", "Status"],
            queue.Read(new TaskQuery { Statuses = [QueueTaskStatus.Pending] }, Cancel).Select(task => task.Id));
        Assert.Equal(
            ["tasks", "Cancel"], queue.Read(new TaskQuery { Statuses = [QueueTaskStatus.Cancelled] }, Cancel).Select(task => task.Id));
    }

    [Fact]
    public async Task Methods_of_a_caller_s_own_making_leave_no_trace_in_the_metrics()
    {
        await using var server = await RunningServer.OfOwnQueue();
        Assert.Equal(501, (await server.Call("QWERTY", "/")).Status);
        Assert.DoesNotContain("QWERTY", (await server.Client.GetStringAsync("/metrics", Cancel)), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Bodies_that_never_end_keep_nobody_from_being_answered()
    {
        await using var server = await RunningServer.OfOwnQueue();
        List<TcpClient> slow = [];
        try
        {
            var address = server.Client.BaseAddress!;
            for (var client = 0; client < 80; client++)
            {
                TcpClient tcp = new();
                slow.Add(tcp);
                await tcp.ConnectAsync(address.Host, address.Port, Cancel);
                await tcp.GetStream().WriteAsync(
                    Encoding.ASCII.GetBytes(
                        $"POST {Tasks} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {RunningServer.Token}\r\nContent-Type: "
                            + $"application/json\r\nContent-Length: 1000000\r\n\r\n{{"), Cancel);
            }

            Assert.Equal(200, (await server.Call("GET", "/healthz")).Status);
            Assert.Equal(200, (await server.Call("GET", Tasks + "/stats")).Status);
            Assert.Equal(201, (await server.Call("POST", Tasks, """{"task_type":"work"}""")).Status);
        }
        finally
        {
            slow.ForEach(tcp => tcp.Dispose());
        }
    }

    [Theory]
    [InlineData("Origin", "http://evil.example", 403)]
    [InlineData("Authorization", "Bearer not-a-token-of-this-server", 401)]
    public async Task Calls_that_are_refused_take_nothing_from_those_who_may_call(string header, string value, int status)
    {
        await using var server = await RunningServer.OfOwnQueue(settings => settings with { RateLimit = 5 });
        using HttpClient other = new() { BaseAddress = server.Client.BaseAddress };
        HashSet<int> answers = [];
        for (var call = 0; call < 60; call++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, Tasks + "/stats");
            request.Headers.TryAddWithoutValidation(header, value);
            answers.Add((int)(await other.SendAsync(request, Cancel)).StatusCode);
        }

        Assert.Contains(status, answers);
        Assert.Equal(200, (await server.Call("GET", Tasks + "/stats")).Status);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync("/healthz", Cancel)).StatusCode);
    }

    [Fact]
    public void Addresses_that_urls_does_not_name_are_refused()
    {
        const string Variable = "Kestrel__Endpoints__X__Url";
        Environment.SetEnvironmentVariable(Variable, "http://0.0.0.0:0");
        try
        {
            var error = Assert.Throws<UsageException>(
                () => ServerApplication.Build(new ServerSettings { Queue = "none.db", NoAuth = true }));
            Assert.Contains("--urls", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }

    [Fact]
    public async Task Without_a_token_an_image_of_another_page_cancels_nothing_under_a_name_of_the_network()
    {
        await using var server = await RunningServer.OfOwnQueue(
            settings => settings with { Token = null, NoAuth = true, AllowedHosts = ["tasks.lan"] });
        server.Client.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(201, (await server.Call("POST", Tasks, """{"task_type":"work","task_id":"a"}""")).Status);

        Assert.Equal(403, (await server.Call("GET", Tasks + "/a/cancel", null, ("Host", "tasks.lan"))).Status);
        Assert.Equal(200, (await server.Call("GET", Tasks + "/a/cancel")).Status);
    }

    [Theory]
    [InlineData("POST", "/cancel/a?dryrun=true")]
    [InlineData("POST", "/clear/all?dry_run=true")]
    [InlineData("DELETE", "/a?dry_run=true")]
    [InlineData("POST", "/cleanup?max_age=24&dry_run=false")]
    [InlineData("GET", "/a/cancel?dryrun=true")]
    public async Task What_a_change_is_told_and_does_not_know_is_never_passed_over(string method, string path)
    {
        await using var server = await RunningServer.OfOwnQueue();
        Assert.Equal(201, (await server.Call("POST", Tasks, """{"task_type":"work","task_id":"a"}""")).Status);
        var (status, body) = await server.Call(method, Tasks + path);
        Assert.Equal(422, status);
        Assert.Contains("nothing was changed", body!.ToJsonString(), StringComparison.Ordinal);
        using var queue = server.OpenQueue();
        Assert.Equal(QueueTaskStatus.Pending, queue.Find("a", Cancel)!.Status);
    }

    [Fact]
    public async Task Odd_but_harmless_values_are_no_failure_of_the_server()
    {
        await using var server = await RunningServer.OfOwnQueue();
        Assert.Equal(200, (await server.Call("GET", Tasks + "?status=")).Status);
        Assert.Equal(200, (await server.Call("HEAD", "/healthz")).Status);
        Assert.Equal(200, (await server.Call("HEAD", "/")).Status);

        using StringContent content = new("""{"task_type":"work"}""", Encoding.UTF8);
        content.Headers.Remove("Content-Type");
        Assert.True(content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=bogus"));
        using var answer = await server.Client.PostAsync(Tasks, content, Cancel);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task The_longest_reason_and_id_fit_and_a_reason_is_one_line_of_the_log()
    {
        await using var server = await RunningServer.OfOwnQueue();
        var id = new string('队', 1024);
        Assert.Equal(201, (await server.Call("POST", Tasks, $$"""{"task_type":"work","task_id":"{{id}}"}""")).Status);
        // The joiner that holds an emoji together is no control character.
        var reason = "a\u001b[31m\nb\u202Ec👨\u200D🔧" + new string('停', 985);
        Assert.Equal(
            200, (await server.Call("POST", $"{Tasks}/cancel/{Uri.EscapeDataString(id)}?reason={Uri.EscapeDataString(reason)}")).Status);

        using var queue = server.OpenQueue();
        Assert.Equal(
            "a [31m b c👨\u200D🔧" + new string('停', 985),
            Assert.Single(queue.History.ReadOperations(new OperationQuery(), Cancel)).Reason);
    }

    [Fact]
    public void All_who_wait_for_a_try_share_its_failure_and_the_next_one_tries_again()
    {
        var tries = 0;
        using ManualResetEventSlim begun = new();
        using ManualResetEventSlim end = new();
        SharedAttempt<string> attempt = new(() =>
        {
            if (Interlocked.Increment(ref tries) > 1)
            {
                return "done";
            }

            begun.Set();
            end.Wait(Cancel);
            throw new QueueUnavailableException("locked", "Wait.");
        });

        var waiting = Enumerable.Range(0, 8)
            .Select(_ => Task.Factory.StartNew(attempt.Get, Cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default))
            .ToArray();
        begun.Wait(Cancel);
        end.Set();
        Assert.Throws<AggregateException>(() => Task.WaitAll(waiting, Cancel));
        Assert.Equal("done", attempt.Get());
        Assert.InRange(tries, 2, 8);
        Assert.Equal("done", attempt.Get());
    }
}
