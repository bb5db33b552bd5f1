using Prometheus;

namespace TaskQueue.Server;

/// <summary>The metrics of the queue for Prometheus. They are read when it asks.</summary>
internal sealed class QueueMetrics
{
    // Callers choose the types. Without a bound these would fill the monitor's memory.
    private const int MostTypes = 100;
    private const string OtherTypes = "(other)";

    // Only the waiting tasks that were created first are read. Reading a million would take seconds at each scrape.
    private const int MostWaitingRead = 10_000;

    private readonly QueueAccess _queue;
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly Gauge _up;
    private readonly Gauge _tasks;
    private readonly Gauge _oldestRunning;
    private readonly Gauge _oldestWaiting;
    private readonly Counter _operations;
    private readonly Counter _changed;
    private readonly Lock _gate = new();

    public QueueMetrics(QueueAccess queue)
    {
        _queue = queue;
        var factory = Metrics.WithCustomRegistry(_registry);
        _up = factory.CreateGauge(
            "taskqueue_up", "1 while the queue can be read, else 0; the other figures of the queue are then missing.");
        _tasks = factory.CreateGauge("taskqueue_tasks", "Tasks by type and status.", "type", "status");
        _oldestRunning = factory.CreateGauge("taskqueue_oldest_running_seconds", "The age of the oldest running task of a type.", "type");
        _oldestWaiting = factory.CreateGauge(
            "taskqueue_oldest_waiting_seconds", "The age of the oldest task of a type that is due and waits.", "type");
        _operations = factory.CreateCounter("taskqueue_operations_total", "Operations that this server carried out, by kind.", "kind");
        _changed = factory.CreateCounter("taskqueue_changed_tasks_total", "Tasks that these operations changed, by kind.", "kind");
        _registry.AddBeforeCollectCallback(Read);
    }

    public void Map(WebApplication application)
    {
        application.UseHttpMetrics(options =>
        {
            options.ReduceStatusCodeCardinality();
            options.RequestDuration.Registry = _registry;
            options.RequestCount.Registry = _registry;
            options.InProgress.Registry = _registry;
        });
        application.MapMetrics("/metrics", _registry);
    }

    /// <summary>Counts an operation that changed <paramref name="tasks"/> tasks.</summary>
    public void Count(NewOperation operation, int tasks)
    {
        if (tasks > 0)
        {
            _operations.WithLabels(operation.Kind).Inc();
            _changed.WithLabels(operation.Kind).Inc(tasks);
        }
    }

    private void Read()
    {
        // Without the lock, one of two scrapes at once would clear what the other has just set.
        lock (_gate)
        {
            Clear(_tasks);
            Clear(_oldestRunning);
            Clear(_oldestWaiting);
            try
            {
                Read(_queue.ForReading());
                _up.Set(1);
            }
            catch (Exception)
            {
                // Whatever the error is, the server's own figures can still be read.
                _up.Set(0);
            }
        }
    }

    private void Read(ITaskStore store)
    {
        var now = store.Now;
        var counts = store.CountByType(CancellationToken.None);
        var named = counts
            .GroupBy(count => count.Type)
            .OrderByDescending(type => type.Sum(count => count.Tasks))
            .Take(MostTypes)
            .Select(type => type.Key)
            .ToHashSet();
        foreach (var count in counts)
        {
            var status = StatusNames.Parse(count.StatusText) is QueueTaskStatus.Unknown ? "unknown" : count.StatusText;
            _tasks.WithLabels(NameOf(count.Type), status).Inc(count.Tasks);
        }

        var running = new TaskQuery { Statuses = [QueueTaskStatus.Running], IncludePayload = false };
        var waiting = new TaskQuery
        {
            Statuses = [QueueTaskStatus.Pending, QueueTaskStatus.Retry], Limit = MostWaitingRead, IncludePayload = false,
        };
        SetOldest(_oldestRunning, store.Read(running, CancellationToken.None));
        SetOldest(_oldestWaiting, store.Read(waiting, CancellationToken.None).Where(task => (task.DueAt ?? now) <= now));

        string NameOf(string type) => named.Contains(type) ? type : OtherTypes;

        void SetOldest(Gauge gauge, IEnumerable<QueueTask> tasks)
        {
            foreach (var task in tasks.Where(task => task.Age is not null))
            {
                var ofType = gauge.WithLabels(NameOf(task.Type));
                ofType.Set(Math.Max(ofType.Value, task.Age!.Value.TotalSeconds));
            }
        }
    }

    private static void Clear(Gauge gauge)
    {
        foreach (var labels in gauge.GetAllLabelValues().ToList())
        {
            gauge.RemoveLabelled(labels);
        }
    }
}
