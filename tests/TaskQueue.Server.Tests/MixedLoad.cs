using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace TaskQueue.Server.Tests;

/// <summary>Clients that read and cancel tasks over HTTP while a worker runs the same ones.</summary>
internal sealed class MixedLoad : ITaskHandler
{
    private const string Type = "load";
    private const string Tasks = "/api/v1/tasks";
    private const int Batch = 500;
    private const int Slots = 2;

    private readonly ConcurrentDictionary<string, int> _runs = new();
    private readonly ConcurrentDictionary<string, HttpStatusCode> _cancels = new();
    private readonly TaskCompletionSource _isCancelling = new();

    private MixedLoad()
    {
    }

    /// <summary>How long each read took, in milliseconds.</summary>
    public ConcurrentBag<double> Reads { get; } = [];

    /// <summary>The same for each cancel.</summary>
    public ConcurrentBag<double> Cancels { get; } = [];

    /// <summary>Answers that are neither a success nor a refusal.</summary>
    public ConcurrentBag<string> Errors { get; } = [];

    /// <summary>Tasks whose end is not the one that was told.</summary>
    public IReadOnlyList<string> LostUpdates { get; private set; } = [];

    public TimeSpan Time { get; private set; }

    /// <summary>How many cancels were accepted, and how many came too late.</summary>
    public (int Accepted, int Refused) Answers =>
        (_cancels.Values.Count(code => code is HttpStatusCode.OK), _cancels.Values.Count(code => code is HttpStatusCode.BadRequest));

    /// <summary>Runs it until no task waits or runs any more.</summary>
    /// <param name="client">The server's; it may make as many connections as there are clients.</param>
    /// <param name="store">The same queue beside the server, with no task in it.</param>
    /// <param name="tasks">How many tasks there are; each is cancelled at some time, unless the worker is faster.</param>
    /// <param name="readers">How many clients read.</param>
    /// <param name="cancellers">How many clients cancel.</param>
    public static async Task<MixedLoad> Run(HttpClient client, ITaskStore store, int tasks, int readers, int cancellers)
    {
        var load = new MixedLoad();
        string[] ids = [.. Enumerable.Range(0, tasks).Select(number => $"load-{number}")];
        foreach (var batch in ids.Chunk(Batch))
        {
            store.Enqueue([.. batch.Select(id => new NewTask { Id = id, Type = Type })], CancellationToken.None);
        }

        using var worker = new QueueWorker(
            store, new Dictionary<string, ITaskHandler> { [Type] = load }, new WorkerOptions { Concurrency = Slots },
            Actor.Current("load"));
        var running = Task.Factory.StartNew(worker.Run, TaskCreationOptions.LongRunning);
        var started = Stopwatch.GetTimestamp();
        string[] shuffled = [.. ids];
        Random.Shared.Shuffle(shuffled);
        var toCancel = new ConcurrentQueue<string>(shuffled);
        using var end = new CancellationTokenSource();
        var reading = Enumerable.Range(0, readers).Select(_ => load.Read(client, ids, end.Token)).ToList();
        await Task.WhenAll(Enumerable.Range(0, cancellers).Select(_ => load.Cancel(client, toCancel)));
        while (store.CountByStatus(CancellationToken.None).Keys.Any(status => status is "pending" or "running"))
        {
            await Task.Delay(20, CancellationToken.None);
        }

        load.Time = Stopwatch.GetElapsedTime(started);
        await end.CancelAsync();
        await Task.WhenAll(reading);
        worker.Drain();
        await running;
        load.LostUpdates = [.. ids.Where(id => load.IsLost(store.Find(id, CancellationToken.None)!))];
        return load;
    }

    public HandlerOutcome Run(TaskExecution execution)
    {
        _runs.AddOrUpdate(execution.Task.Id, 1, (_, runs) => runs + 1);
        // However slow the first calls are: until then the worker holds no more than runs, so that one of them is accepted.
        _isCancelling.Task.Wait();
        Thread.Sleep(2);
        return HandlerOutcome.Success("1");
    }

    private bool IsLost(QueueTask task) => (_cancels[task.Id], task.Status, _runs.GetValueOrDefault(task.Id)) is not
        ((HttpStatusCode.OK, QueueTaskStatus.Cancelled, 0) or (HttpStatusCode.BadRequest, QueueTaskStatus.Success, 1));

    private async Task Read(HttpClient client, string[] ids, CancellationToken end)
    {
        for (var number = 0; !end.IsCancellationRequested; number++)
        {
            var path = number % 4 == 0 ? "/list?limit=20" : $"/status/{ids[Random.Shared.Next(ids.Length)]}";
            var started = Stopwatch.GetTimestamp();
            using var answer = await client.GetAsync(Tasks + path, CancellationToken.None);
            _ = await answer.Content.ReadAsByteArrayAsync(CancellationToken.None);
            Reads.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            Note(answer, answer.StatusCode is HttpStatusCode.OK);
        }
    }

    private async Task Cancel(HttpClient client, ConcurrentQueue<string> ids)
    {
        while (ids.TryDequeue(out var id))
        {
            var started = Stopwatch.GetTimestamp();
            using var answer = await client.PostAsync($"{Tasks}/cancel/{id}", null, CancellationToken.None);
            _cancels[id] = answer.StatusCode;
            if (_cancels.Count > Slots)
            {
                _isCancelling.TrySetResult();
            }

            Cancels.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            Note(answer, answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest);
        }
    }

    private void Note(HttpResponseMessage answer, bool isRight)
    {
        if (!isRight)
        {
            Errors.Add($"{answer.RequestMessage!.RequestUri}: {(int)answer.StatusCode}");
        }
    }
}
