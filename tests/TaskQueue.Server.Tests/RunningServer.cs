using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using TaskQueue.Storage;
using TaskQueue.Tests;
using TaskQueue.Tests.Store;

namespace TaskQueue.Server.Tests;

/// <summary>A server on a port of its own, and a client that talks to it through a real socket.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    public const string Token = "0123456789abcdef-of-the-tests";
    public const string Tasks = "/api/v1/tasks";

    private readonly TemporaryFolder _folder = new();
    private readonly WebApplication _application;

    private RunningServer(Action<string>? prepare, Func<ServerSettings, ServerSettings>? change)
    {
        Queue = _folder["task_queue.db"];
        prepare?.Invoke(Queue);
        var settings = new ServerSettings { Queue = Queue, Token = Token, Urls = [new Uri("http://127.0.0.1:0")], RateLimit = 0 };
        _application = ServerApplication.Build(change?.Invoke(settings) ?? settings);
        Client = new HttpClient();
    }

    public string Queue { get; }

    public HttpClient Client { get; }

    public string Folder => _folder.Path;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A server of an empty queue of the native layout.</summary>
    public static Task<RunningServer> OfOwnQueue(Func<ServerSettings, ServerSettings>? change = null) =>
        Start(queue => TaskStores.Open(queue, new StoreOptions { Create = true }).Dispose(), change);

    /// <summary>A server of the incident in the original's layout: the recorded file if it is at hand, else one like it.</summary>
    public static Task<RunningServer> OfIncident() => Start(
        queue =>
        {
            if (RecordedIncident.Find() is { } recorded)
            {
                File.Copy(recorded, queue);
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(queue, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                }
            }
            else
            {
                MakeTwin(queue);
            }
        });

    /// <summary>A server of an incident like the recorded one, that happens now: seven of its eight tasks are older than an hour.</summary>
    public static Task<RunningServer> OfFreshIncident() => Start(MakeTwin);

    /// <param name="prepare">Makes the queue at a path; null leaves nothing there.</param>
    /// <param name="change">The settings that differ from the usual.</param>
    public static async Task<RunningServer> Start(Action<string>? prepare = null, Func<ServerSettings, ServerSettings>? change = null)
    {
        var server = new RunningServer(prepare, change);
        await server._application.StartAsync(Cancel);
        server.Client.BaseAddress = new Uri(server._application.Urls.Single());
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return server;
    }

    public async Task<(int Status, JsonNode? Body)> Call(
        string method, string path, string? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await Client.SendAsync(request, Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        var isJson = response.Content.Headers.ContentType?.MediaType == "application/json";
        return ((int)response.StatusCode, isJson ? JsonNode.Parse(text) : text);
    }

    /// <summary>The queue itself, beside the server.</summary>
    public ITaskStore OpenQueue() => TaskStores.Open(Queue, new StoreOptions());

    private static void MakeTwin(string queue)
    {
        var twin = new OriginalDatabase(queue);
        twin.Create();
        twin.AddIncident(DateTimeOffset.UtcNow);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
        _folder.Dispose();
    }
}
