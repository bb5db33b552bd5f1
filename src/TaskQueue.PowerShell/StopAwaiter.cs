using System.Diagnostics;

namespace TaskQueue.PowerShell;

/// <summary>Waits until workers have confirmed the stops of tasks they held.</summary>
internal sealed class StopAwaiter(QueueCmdlet cmdlet)
{
    // Often enough to notice a worker that dies meanwhile.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly List<(ITaskStore Store, TaskIdentity Identity, Guid Token, string? Worker)> _waiting = [];
    private readonly HashSet<Guid> _delivered = [];

    // Why the last question to a queue failed; null if it was answered.
    private TaskQueueException? _problem;

    /// <summary>Adds a task whose claim was taken from a worker.</summary>
    public void Add(ITaskStore store, TaskIdentity identity, Guid token, string? worker) => _waiting.Add((store, identity, token, worker));

    /// <summary>
    /// Returns once each stop is confirmed or its worker is proven dead. For each stop that is neither in time it writes an error. The
    /// stops themselves are committed already, so a queue that cannot be read meanwhile is asked again until the time is over.
    /// </summary>
    public void Await(TimeSpan timeout)
    {
        var clock = Stopwatch.StartNew();
        var total = _waiting.Count;
        var progress = new WaitProgress(cmdlet, "Waiting for workers to stop tasks");
        using var watch = new QueueWatch();
        foreach (var store in _waiting.Select(waiting => waiting.Store).Distinct().ToList())
        {
            Ask(() => watch.Add(store));
        }

        while (true)
        {
            foreach (var tasks in _waiting.GroupBy(waiting => waiting.Store).ToList())
            {
                Ask(() => Look(tasks.Key));
            }

            var left = timeout - clock.Elapsed;
            if (_waiting.Count == 0 || left <= TimeSpan.Zero || _problem is not (null or QueueUnavailableException))
            {
                break;
            }

            var (_, first, token, holder) = _waiting[0];
            progress.Write(
                total - _waiting.Count, total,
                $"stopped; '{first.Id}' {(_delivered.Contains(token) ? "is being stopped by" : "is to be stopped by")} {holder}");
            watch.Wait(left < LongestPause ? left : LongestPause, cmdlet.Cancellation);
        }

        progress.Complete();
        foreach (var (_, identity, _, worker) in _waiting)
        {
            cmdlet.Report(
                new TaskTimeoutException(
                    $"Worker {worker} did not confirm within {Duration.Format(timeout)} that task '{identity.Id}' was stopped."
                    + (_problem is null ? null : $" The queue could not be asked: {_problem.Message}"),
                    "The task is failed and its late result will be refused; Get-QueueWorker tells whether the worker lives."),
                identity.Source);
        }
    }

    private void Ask(Action question)
    {
        try
        {
            question();
            _problem = null;
        }
        catch (TaskQueueException error)
        {
            _problem = error;
        }
    }

    private void Look(ITaskStore store)
    {
        var waiting = _waiting.Where(task => task.Store == store).ToList();
        var stops = store.Workers.FindStops([.. waiting.Select(task => task.Token)], cmdlet.Cancellation).ToDictionary(stop => stop.Token);
        // Made anew each time, since a directory remembers which workers it saw alive.
        var workers = new WorkerDirectory(store);
        foreach (var task in waiting)
        {
            if (!stops.TryGetValue(task.Token, out var stop))
            {
                cmdlet.WriteWarning($"The stop of task '{task.Identity.Id}' was taken back meanwhile: Get-QueueTaskHistory tells by whom.");
                _waiting.Remove(task);
                continue;
            }

            if (stop.DeliveredAt is not null)
            {
                _delivered.Add(task.Token);
            }

            var liveness = stop.Outcome is null ? workers.LivenessOf(stop.Worker, cmdlet.Cancellation) : Liveness.Unknown;
            if (liveness.State is LivenessState.Gone)
            {
                // Processes that the dead worker left running must end before the command says that the task has stopped.
                DeadWorkers.AnswerFor(store, stop.Worker, cmdlet.BeginOperation(NewOperation.AnswerStop, null), cmdlet.Cancellation);
            }

            if (WarningOf(stop.Outcome, liveness, task.Identity.Id, task.Worker) is { } warning)
            {
                cmdlet.WriteWarning(warning);
            }

            if (stop.Outcome is not null || liveness.State is LivenessState.Gone)
            {
                _waiting.Remove(task);
            }
        }
    }

    private static string? WarningOf(StopOutcome? outcome, Liveness liveness, string id, string? worker) => (outcome, liveness.State) switch
    {
        (StopOutcome.Ignored, _) =>
            $"Task '{id}' still runs in the process {worker}: its handler ignores its stop. It ends with that process.",
        (StopOutcome.Told, _) => $"Task '{id}' is held by a session in the process {worker}. It was told; its script ends by itself.",
        (null, LivenessState.Gone) => $"Nobody had to stop task '{id}': {liveness.Evidence}.",
        _ => null,
    };
}
