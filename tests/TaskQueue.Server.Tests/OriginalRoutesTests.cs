using System.Text.Json.Nodes;

namespace TaskQueue.Server.Tests;

/// <summary>Every route of the original, with its status codes, keys and types, on a queue of the original's layout.</summary>
public sealed class OriginalRoutesTests
{
    private const string Tasks = RunningServer.Tasks;

    private const string Task =
        """
        {"task_id":"text","task_type":"text","priority":"number","status":"text","data":"any","result":"any","error_message":"text|null","retry_count":"number",
         "max_retries":"number","created_at":"text|null","started_at":"text|null","completed_at":"text|null"}
        """;

    private const string Stats =
        """
        {"pending":"number","running":"number","completed":"number","failed":"number","cancelled":"number","total":"number","queued":"number","active":"number"}
        """;

    private const string Summary =
        """
        {"pending":"number","running":"number","success":"number","failed":"number","cancelled":"number","retry":"number","total":"number"}
        """;

    private const string Done = """{"success":"true","message":"text"}""";
    private const string Problem = """{"detail":"text"}""";
    private const string Invalid = """{"success":"false","error":"text","detail":[{"loc":["text"],"msg":"text"}]}""";
    private const string Cleared = """{"success":"true","message":"text","deleted_count":"number"}""";
    private const string Batch =
        """{"success":"true","message":"text","success_count":"number","failed_count":"number","errors":["text"]}""";
    private const string FailedBatch =
        """{"success":"false","message":"text","success_count":"number","failed_count":"number","errors":["text"]}""";

    private static readonly string[] NamedStatuses = ["running", "failed", "success"];

    public static TheoryData<string, string, string?, int, string> Routes => new()
    {
        { "GET", "/health", null, 200, """{"status":"text","enabled":"true"}""" },
        { "GET", "/status/{running}", null, 200, $$"""{"success":"true","data":{{Task}}}""" },
        { "GET", "/status/nobody", null, 404, Problem },
        { "GET", "/{running}", null, 200, $$"""{"success":"true","data":{{Task}}}""" },
        { "GET", "/nobody", null, 404, Problem },
        { "POST", "/cancel/{running}", null, 400, Problem },
        { "POST", "/cancel/{running}?force=true", null, 200, Done },
        { "POST", "/cancel/{success}?force=true", null, 400, Problem },
        { "POST", "/cancel/nobody?force=true", null, 400, Problem },
        { "POST", "/cancel/{running}?force=perhaps", null, 422, Invalid },
        { "GET", "/{running}/cancel", null, 400, Problem },
        { "GET", "/{running}/cancel?force=true", null, 400, Problem },
        { "GET", "/stats", null, 200, $$"""{"success":"true","data":{{Stats}}}""" },
        { "GET", "", null, 200, $$"""{"success":"true","data":[{{Task}}],"total":"number","summary":{{Summary}},"stats":{{Stats}}}""" },
        { "GET", "/", null, 200, $$"""{"success":"true","data":[{{Task}}],"total":"number","summary":{{Summary}},"stats":{{Stats}}}""" },
        {
            "GET", "/list?limit=3&status=failed", null, 200,
            $$"""{"success":"true","data":[{{Task}}],"total":"number","summary":{{Summary}},"stats":{{Stats}}}"""
        },
        { "GET", "/list?limit=0", null, 422, Invalid },
        { "GET", "/list?limit=1001", null, 422, Invalid },
        { "GET", "/list?limit=many", null, 422, Invalid },
        { "GET", "/list?status=stuck", null, 422, Invalid },
        {
            "GET", "/logs/recent", null, 200,
            """{"success":"true","data":[{"task_id":"text","task_type":"text","status":"text","result":"any","error_message":"text|null","created_at":"text|null","completed_at":"text|null"}],"total":"number"}"""
        },
        { "GET", "/logs/recent?limit=2001", null, 422, Invalid },
        { "POST", "/retry/{failed}", null, 200, """{"success":"true","message":"text","new_task_id":"text","original_task_id":"text"}""" },
        { "POST", "/retry/nobody", null, 404, Problem },
        { "POST", "/retry/{success}", null, 400, Problem },
        { "POST", "/retry/{running}", null, 400, Problem },
        { "DELETE", "/{failed}", null, 200, Done },
        { "DELETE", "/nobody", null, 404, Problem },
        { "DELETE", "/{running}", null, 409, Problem },
        { "DELETE", "/{running}?force=true", null, 200, Done },
        { "POST", "/clear/pending", null, 200, Cleared },
        { "POST", "/clear/failed", null, 200, Cleared },
        { "POST", "/clear/success", null, 200, Cleared },
        { "POST", "/clear/all", null, 200, Cleared },
        { "POST", "/batch/cancel?force=true", """{"task_ids":["{running}","nobody"]}""", 200, Batch },
        { "POST", "/batch/cancel", """{"task_ids":["{running}","nobody"]}""", 200, FailedBatch },
        { "POST", "/batch/delete", """{"task_ids":["{failed}","nobody"]}""", 200, Batch },
        { "POST", "/batch/delete", """{"task_ids":["{running}"]}""", 200, FailedBatch },
        { "POST", "/batch/retry", """{"task_ids":["{failed}","nobody"]}""", 200, Batch[..^1] + ""","new_task_ids":["text"]}""" },
        { "POST", "/batch/cancel", """{"task_ids":[]}""", 422, Invalid },
        { "POST", "/batch/cancel", """{"ids":["a"]}""", 422, Invalid },
        { "POST", "/batch/delete", """{"task_ids":"a"}""", 422, Invalid },
        { "POST", "/batch/retry", """{"task_ids":[""", 422, Invalid },
        { "POST", "/batch/retry", null, 422, Invalid },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_route_answers_as_the_original(string method, string path, string? body, int status, string shape)
    {
        await using var server = await RunningServer.OfIncident();
        var address = Tasks + await Named(server, path);

        var (answered, answer) = await server.Call(method, address, body is null ? null : await Named(server, body));

        Assert.True(answered == status, $"{answered}: {answer}");
        JsonShape.Assert(JsonNode.Parse(shape), answer);
    }

    [Fact]
    public async Task The_incident_is_ended_by_the_original_s_own_calls()
    {
        await using var server = await RunningServer.OfIncident();
        var (_, running) = await server.Call("GET", Tasks + "/list?status=running");
        string[] ids = [.. running!["data"]!.AsArray().Select(task => task!["task_id"]!.GetValue<string>())];
        Assert.Equal(8, ids.Length);
        Assert.Equal(8, running["total"]!.GetValue<int>());

        Assert.Equal(400, (await server.Call("POST", $"{Tasks}/cancel/{ids[0]}")).Status);
        Assert.Equal(200, (await server.Call("POST", $"{Tasks}/cancel/{ids[0]}?force=true")).Status);
        var batch = new JsonObject { ["task_ids"] = new JsonArray(ids[1], ids[2], ids[3]) };
        var (status, stopped) = await server.Call("POST", $"{Tasks}/batch/cancel?force=true", batch.ToJsonString());

        Assert.Equal((200, 3), (status, stopped!["success_count"]!.GetValue<int>()));
        var rows = RawDatabase.Rows(
            server.Queue,
            "SELECT status, error_message, completed_at = updated_at AS same FROM task_queue WHERE error_message LIKE 'Force %'");
        Assert.Equal(4, rows.Count);
        Assert.All(
            rows, row => Assert.Equal(("'failed'", "'Force cancelled by user'", "1"), (row["status"], row["error_message"], row["same"])));
        var (_, stats) = await server.Call("GET", Tasks + "/stats");
        Assert.Equal((4, 10, 41, 55), (Count("running"), Count("failed"), Count("completed"), Count("total")));

        int Count(string key) => stats!["data"]![key]!.GetValue<int>();
    }

    [Fact]
    public async Task Times_begin_as_the_service_wrote_them_and_say_their_offset()
    {
        await using var server = await RunningServer.OfIncident();
        var (_, answer) = await server.Call("GET", Tasks + "/list?status=running&limit=1");
        var task = answer!["data"]![0]!;

        var row = RawDatabase.Rows(server.Queue, $"SELECT started_at FROM task_queue WHERE task_id = '{task["task_id"]}'")[0];
        Assert.Equal(row["started_at"].Trim('\'') + "+08:00", task["started_at"]!.GetValue<string>());
    }

    [Fact]
    public async Task One_bad_row_hides_no_other()
    {
        await using var server = await RunningServer.OfIncident();
        new OriginalDatabase(server.Queue).Add(
            ("task_id", "odd"), ("status", "stuck?"), ("data", "{not json"), ("task_type", "no such type"), ("created_at", "yesterday"));

        var (status, answer) = await server.Call("GET", Tasks + "/list?limit=1000");

        Assert.Equal((200, 56, 56), (status, answer!["data"]!.AsArray().Count, answer["summary"]!["total"]!.GetValue<int>()));
        Assert.Equal("{not json", answer["data"]![0]!["data"]!.GetValue<string>());
    }

    /// <summary>The text with the ids of tasks in the place of their statuses.</summary>
    private static async Task<string> Named(RunningServer server, string text)
    {
        foreach (var status in NamedStatuses.Where(status => text.Contains($"{{{status}}}", StringComparison.Ordinal)))
        {
            var (_, answer) = await server.Call("GET", $"{Tasks}/list?limit=1&status={status}");
            text = text.Replace($"{{{status}}}", answer!["data"]![0]!["task_id"]!.GetValue<string>(), StringComparison.Ordinal);
        }

        return text;
    }
}
