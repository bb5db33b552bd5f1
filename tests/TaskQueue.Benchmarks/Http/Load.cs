using System.Globalization;
using System.Net.Http.Headers;
using TaskQueue.Server;
using TaskQueue.Server.Tests;
using TaskQueue.Storage;

namespace TaskQueue.Benchmarks.Http;

/// <summary>Reads and cancels over HTTP, on loopback, while a worker of this process drains the same queue.</summary>
internal static class Load
{
    private const string Token = "the-token-of-the-benchmark";
    private const int Readers = 6;
    private const int Cancellers = 2;

    public static void Run(Bench bench)
    {
        for (var round = 1; round <= bench.Sizes.Rounds; round++)
        {
            var folder = Directory.CreateTempSubdirectory("taskqueue-bench-");
            try
            {
                WriteLine($"{round}: {Measure(Path.Combine(folder.FullName, "queue.db"))}");
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }
    }

    /// <summary>Serves a queue until the input ends; says where.</summary>
    public static int Serve(string queue)
    {
        var settings = new ServerSettings { Queue = queue, Token = Token, Urls = [new Uri("http://127.0.0.1:0")], RateLimit = 0 };
        var server = ServerApplication.Build(settings);
        server.StartAsync().GetAwaiter().GetResult();
        WriteLine("at " + server.Urls.Single());
        _ = In.ReadToEnd();
        server.StopAsync().GetAwaiter().GetResult();
        return 0;
    }

    private static string Measure(string queue)
    {
        using var store = TaskStores.Open(queue, new StoreOptions { Create = true });
        using var server = ChildWork.Start("serve", queue);
        // The server's log comes by the same way.
        string? line;
        while ((line = server.StandardOutput.ReadLine())?.StartsWith("at ", StringComparison.Ordinal) is false)
        {
        }

        var log = server.StandardOutput.ReadToEndAsync();
        using var client = new HttpClient { BaseAddress = new Uri(line![3..]) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        var load = MixedLoad.Run(client, store, tasks: 10_000, Readers, Cancellers).GetAwaiter().GetResult();
        server.StandardInput.Close();
        server.WaitForExit();
        log.GetAwaiter().GetResult();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {load.Time.TotalSeconds:0.0} s, worker {load.Answers.Refused / load.Time.TotalSeconds:N0} tasks/s
               reads   ({Readers} clients) {load.Reads.Count / load.Time.TotalSeconds:N0}/s, {Spread.Of(load.Reads).ShowLatency()}
               cancels ({Cancellers} clients) {load.Cancels.Count / load.Time.TotalSeconds:N0}/s, {Spread.Of(load.Cancels).ShowLatency()}; {load.Answers.Accepted:N0} accepted, {load.Answers.Refused:N0} too late
               errors {load.Errors.Count}, lost updates {load.LostUpdates.Count}
            """);
    }
}
