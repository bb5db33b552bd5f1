using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Counts, ages, times and rate of a queue.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "TaskQueue")]
[OutputType(typeof(QueueMeasurement))]
public sealed class MeasureTaskQueueCommand : QueueCmdlet
{
    /// <summary>Only tasks of these types or patterns.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TaskTypeCompleter))]
    [RequiresValue]
    [SupportsWildcards]
    public string[]? Type { get; set; }

    /// <summary>
    /// Times and rate of the tasks that finished in this period before now. Without it the times are those of all tasks, and there is no
    /// rate.
    /// </summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? Since { get; set; }

    protected override void Process()
    {
        if (Since is { Value: var period } && period <= TimeSpan.Zero)
        {
            throw new TaskValidationException("-Since must be longer than zero.", "Give for example -Since 24h.");
        }

        var store = OpenStore();
        var measured = QueueMeasure.Of(
            store, Type is null ? null : string.Join(", ", Type), TypePattern.ConditionOf(Type), Since?.Value, Cancellation);
        WriteObject(measured);
        if (measured.Total == 0)
        {
            MisspeltNames.WarnOfTypes(this, store, Type);
        }
    }
}
