using System.Diagnostics;
using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Waits until tasks have finished, and writes each as it does.</summary>
[Cmdlet(VerbsLifecycle.Wait, "QueueTask")]
[OutputType(typeof(QueueTask))]
public sealed class WaitQueueTaskCommand : QueueCmdlet
{
    // The pause is this many times as long as the reading before it. There may be many thousand tasks, and reading them must not become the
    // queue's main load.
    private const int PausePerReading = 5;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly List<(ITaskStore Store, TaskIdentity Identity)> _waiting = [];
    private readonly HashSet<(ITaskStore Store, string Id)> _known = [];
    private QueueTask? _firstUnfinished;

    /// <summary>Ids, or task objects. Taken literally: no wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("InputObject", "TaskId")]
    [ArgumentCompleter(typeof(TaskIdCompleter))]
    [RequiresValue]
    public TaskIdentity[] Id { get; set; } = [];

    /// <summary>How long to wait; without it, for ever.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? Timeout { get; set; }

    /// <summary>Wait for the first that finishes, not for all.</summary>
    [Parameter]
    public SwitchParameter Any { get; set; }

    protected override void Process()
    {
        foreach (var identity in Id)
        {
            Guard(
                () =>
                {
                    var store = OpenStore(identity.Queue);
                    if (_known.Add((store, identity.Id)))
                    {
                        _ = store.Find(identity.Id, Cancellation)
                            ?? throw MissingTask.OfLiteral(store, identity.Id, MyInvocation.MyCommand.Name);
                        _waiting.Add((store, identity));
                    }
                },
                identity.Source);
        }
    }

    protected override void Finish()
    {
        var total = _waiting.Count;
        var clock = Stopwatch.StartNew();
        var progress = new WaitProgress(this, "Waiting for tasks");
        using var watch = new QueueWatch(_waiting.Select(waiting => waiting.Store).Distinct());
        while (true)
        {
            var reading = Stopwatch.StartNew();
            WriteFinished();
            if (_waiting.Count == 0 || (Any && _waiting.Count < total))
            {
                break;
            }

            var left = Timeout?.Value - clock.Elapsed;
            if (left <= TimeSpan.Zero)
            {
                ReportUnfinished();
                break;
            }

            progress.Write(total - _waiting.Count, total, $"finished; '{_firstUnfinished?.Id}' is {_firstUnfinished?.StatusText}");
            Pause(reading.Elapsed * PausePerReading, left);
            watch.Wait(left < LongestPause ? left.Value : LongestPause, Cancellation);
        }

        progress.Complete();
    }

    private void Pause(TimeSpan wanted, TimeSpan? left)
    {
        if (Cancellation.WaitHandle.WaitOne(wanted > left ? left.Value : wanted))
        {
            throw new OperationCanceledException(Cancellation);
        }
    }

    private void WriteFinished()
    {
        _firstUnfinished = null;
        // Removed first: whatever happens during the writing, no task is written twice.
        foreach (var waiting in _waiting.ToList())
        {
            var task = waiting.Store.Find(waiting.Identity.Id, Cancellation);
            if (task is null)
            {
                _waiting.Remove(waiting);
                Report(MissingTask.In(waiting.Store, waiting.Identity.Id), waiting.Identity.Source);
            }
            else if (task.Status.IsFinished())
            {
                _waiting.Remove(waiting);
                WriteObject(task);
            }
            else
            {
                _firstUnfinished ??= task;
            }
        }
    }

    private void ReportUnfinished()
    {
        foreach (var (store, identity) in _waiting)
        {
            var state = store.Find(identity.Id, Cancellation)?.StatusText ?? "gone";
            Report(new TaskTimeoutException($"Task '{identity.Id}' did not finish within {Timeout}; it is {state}."), identity.Source);
        }
    }
}
