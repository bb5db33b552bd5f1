using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TaskQueue.Tests;

namespace TaskQueue.Server.Tests;

/// <summary>The engine says what helps, and the server says it in the words of its routes and settings.</summary>
public sealed partial class AdviceTests
{
    [Fact]
    public async Task Every_advice_has_words_that_name_only_routes_and_settings_that_exist()
    {
        await using var server = await RunningServer.OfOwnQueue();
        var (_, description) = await server.Call("GET", "/openapi/v1.json");
        var calls = description!["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(route => $"{route.Key.ToUpperInvariant()} {path.Key}")).ToList();
        var parameters = description["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject())
            .SelectMany(route => route.Value!["parameters"]?.AsArray() ?? []).Select(parameter => (string)parameter!["name"]!).ToList();

        var texts = AdviceSamples.Of(typeof(Advice)).Cast<Advice>().Select(AdviceText.Of).ToList();
        Assert.All(texts, text =>
        {
            Assert.False(string.IsNullOrWhiteSpace(text));
            Assert.DoesNotMatch(PowerShell(), text);
            Assert.All(
                Setting().Matches(text), setting => Assert.Contains($" {setting.Value} ", CommandLine.Usage, StringComparison.Ordinal));
            Assert.All(Call().Matches(text), call => Assert.Contains(call.Value, calls));
            Assert.All(Parameter().Matches(text), parameter => Assert.Contains(parameter.Groups["name"].Value, parameters));
        });
        // It would find nothing wrong if it looked at nothing.
        Assert.Contains(texts, Setting().IsMatch);
        Assert.Contains(texts, Call().IsMatch);
        Assert.Contains(texts, Parameter().IsMatch);
    }

    [Theory]
    [InlineData("GET", "/operations/no", null, "GET /api/v1/tasks/operations")]
    [InlineData("GET", "/operations/0193f2c1-62f1-7d74-aafb-7e65b56742d0", null, "GET /api/v1/tasks/operations")]
    public async Task What_helps_is_said_in_the_words_of_the_server(string method, string path, string? body, string words)
    {
        await using var server = await RunningServer.OfOwnQueue();
        var (_, answer) = await server.Call(method, RunningServer.Tasks + path, body);
        Assert.Contains(words, answer!.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotMatch(PowerShell(), answer.ToJsonString());
    }

    [Fact]
    public async Task Without_a_queue_the_settings_that_would_make_one_are_named()
    {
        await using var server = await RunningServer.Start();
        var (status, answer) = await server.Call("GET", RunningServer.Tasks + "/stats");
        Assert.Equal(503, status);
        Assert.Contains("--create", (string)answer!["detail"]!, StringComparison.Ordinal);
        Assert.DoesNotMatch(PowerShell(), (string)answer["detail"]!);
    }

    [Fact]
    public async Task A_task_that_a_cleanup_leaves_to_its_worker_names_the_parameter_that_would_include_it()
    {
        await using var server = await RunningServer.OfOwnQueue();
        using (var queue = server.OpenQueue())
        {
            _ = queue.Enqueue([new NewTask { Id = "slow", Type = "work" }], TestContext.Current.CancellationToken);
            _ = queue.Claim(
                new ClaimRequest { Types = ["work"], Tokens = [Guid.NewGuid()], Worker = "web01:4711", LeaseTime = TimeSpan.FromHours(1) },
                TestContext.Current.CancellationToken);
        }

        var (_, plan) = await server.Call("POST", RunningServer.Tasks + "/cleanup?max_age_hours=0.0001");
        JsonNode? slow = null;
        while (slow is null)
        {
            (_, plan) = await server.Call("POST", RunningServer.Tasks + "/cleanup?max_age_hours=0.0001");
            slow = plan!["skipped"]!.AsArray().SingleOrDefault(task => (bool)task!["is_old_enough"]!);
        }

        Assert.Equal("its worker lives: only with include_live=true", (string?)slow["skip_reason"]);
    }

    [Theory]
    [InlineData("POST", "", """{"task_type":"work","priority":11}""", "body", "priority")]
    [InlineData("POST", "", """{"task_type":"work","priority":"high"}""", "body", "priority")]
    [InlineData("POST", "", """{"task_type":"work","max_retries":-1}""", "body", "max_retries")]
    [InlineData("POST", "", """{"task_type":"work","delay_seconds":-1}""", "body", "delay_seconds")]
    [InlineData("POST", "", """{"task_type":"work","timeout_seconds":0}""", "body", "timeout_seconds")]
    [InlineData("POST", "", """{"task_type":"work","due_at":"2030-01-01T00:00:00Z","delay_seconds":1}""", "body", "due_at")]
    [InlineData("POST", "", """{"task_type":" "}""", "body", "task_type")]
    [InlineData("POST", "", """{"task_type":"work","task_id":" "}""", "body", "task_id")]
    [InlineData("POST", "", """{"task_type":"work","prio":1}""", "body", "prio")]
    [InlineData("POST", "", "{}", "body", "task_type")]
    [InlineData("POST", "", "[]", "body", null)]
    [InlineData("POST", "/batch/cancel", """{"task_ids":[]}""", "body", "task_ids")]
    [InlineData("POST", "/batch/cancel", """{"task_ids":["a\u0000"]}""", "body", "task_ids")]
    [InlineData("POST", "/batch/cancel", """{"task_ids":"a"}""", "body", "task_ids")]
    [InlineData("POST", "/cancel/%20?force=true", null, "path", "task_id")]
    [InlineData("POST", "/cancel/a?force=perhaps", null, "query", "force")]
    [InlineData("POST", "/cancel/a?forced=true", null, "query", "forced")]
    [InlineData("GET", "?limit=0", null, "query", "limit")]
    [InlineData("GET", "?limit=many", null, "query", "limit")]
    [InlineData("GET", "?cursor=none", null, "query", "cursor")]
    [InlineData("GET", "/operations/no", null, "path", "operation")]
    public async Task An_error_says_where_the_bad_value_stood(string method, string path, string? body, string place, string? name)
    {
        await using var server = await RunningServer.OfOwnQueue();
        var (status, answer) = await server.Call(method, RunningServer.Tasks + path, body);
        Assert.Equal(422, status);
        Assert.Equal(name is null ? [place] : [place, name], answer!["detail"]![0]!["loc"]!.AsArray().Select(part => (string)part!));
    }

    [Theory]
    [InlineData("POST", "", """{"task_type":"work","due_at":"2030-01-01T00:00:00Z","delay_seconds":1}""", "due_at and delay_seconds exclude")]
    [InlineData("POST", "", """{"task_type":"","task_id":"a"}""", "task_type is empty. Give each task its task_type.")]
    [InlineData("POST", "", """{"task_type":"work","task_id":""}""", "task_id is empty. Give each task its task_id.")]
    [InlineData("POST", "", """{"task_type":"work","max_retries":-1}""", "max_retries -1 is negative.")]
    [InlineData("POST", "", """{"task_type":"work","timeout_seconds":0}""", "timeout_seconds must be longer than zero.")]
    [InlineData("POST", "", """{"task_type":"a","task_id":"a\u0000"}""", "Use another task_id.")]
    [InlineData("POST", "", """{"task_type":"work","prio":1}""", "The name at $.prio is not known here.")]
    [InlineData("GET", "?limit=abc", null, "limit is a whole number, not 'abc'.")]
    [InlineData("POST", "/cancel/a?force=perhaps", null, "force is true or false, not 'perhaps'.")]
    public async Task An_error_calls_values_as_the_caller_does(string method, string path, string? body, string expected)
    {
        await using var server = await RunningServer.OfOwnQueue();
        var (status, answer) = await server.Call(method, RunningServer.Tasks + path, body);
        Assert.Equal(422, status);
        Assert.Contains(expected, (string?)answer!["error"], StringComparison.Ordinal);
    }

    [GeneratedRegex(@"--[a-z-]+")]
    private static partial Regex Setting();

    [GeneratedRegex("(GET|POST|DELETE) /[a-z0-9/{}_]+")]
    private static partial Regex Call();

    [GeneratedRegex("(?<name>[a-z_]+)=")]
    private static partial Regex Parameter();

    [GeneratedRegex("""\b[A-Z][a-z]+-[A-Z][A-Za-z]+\b|(?<=^|[\s'"(])-[A-Z][a-z]""")]
    private static partial Regex PowerShell();
}
