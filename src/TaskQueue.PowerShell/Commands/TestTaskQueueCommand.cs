using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Returns true if the queue can be read and is within the given limits. It writes this one value, for monitoring.</summary>
[Cmdlet(VerbsDiagnostic.Test, "TaskQueue")]
[OutputType(typeof(bool))]
public sealed class TestTaskQueueCommand : QueueCmdlet
{
    /// <summary>The most running tasks that may be stuck, from 0. With -MaxAge alone it is 0.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(0, int.MaxValue)]
    [Number]
    public int? MaxStuck { get; set; }

    /// <summary>The most tasks that may be due and wait for a worker, from 0.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(0, int.MaxValue)]
    [Number]
    public int? MaxWaiting { get; set; }

    /// <summary>The age from which a running task counts as stuck; 1 h by default.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? MaxAge { get; set; }

    protected override void Process() => WriteObject(IsInOrder());

    private bool IsInOrder()
    {
        var limits = new QueueLimits
        {
            MaxStuck = MaxStuck ?? (MaxAge is null ? null : 0),
            MaxWaiting = MaxWaiting,
            MaxAge = MaxAge?.Value ?? StuckPolicy.DefaultMaxAge,
        };
        try
        {
            var store = OpenStore();
            _ = store.CountByStatus(Cancellation);
            var exceeded = limits.Exceeded(store, Cancellation);
            foreach (var sentence in exceeded)
            {
                WriteVerbose(sentence);
            }

            return exceeded.Count == 0;
        }
        catch (TaskQueueException error)
        {
            // A monitor needs an answer, not an exception, above all when something is wrong.
            WriteWarning(error.Message);
            return false;
        }
    }
}
