using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Changes the settings of waiting tasks.</summary>
[Cmdlet(VerbsCommon.Set, "QueueTask", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(QueueTask))]
public sealed class SetQueueTaskCommand : TaskChangeCmdlet
{
    private string? _dataJson;
    private bool _setsData;

    /// <summary>1 (runs first) to 10.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(TaskRules.LowestPriorityNumber, TaskRules.HighestPriorityNumber)]
    [Number]
    public int? Priority { get; set; }

    /// <summary>The earliest time they may run. A time without an offset is local.</summary>
    [Parameter]
    [RequiresValue]
    [GregorianTime]
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>How long from now they wait before they may run.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? Delay { get; set; }

    /// <summary>How many retries they may have, from 0.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(0, int.MaxValue)]
    [Number]
    public int? MaxRetries { get; set; }

    /// <summary>A new type, case-sensitive. The type says which handler runs a task.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TaskTypeCompleter))]
    [RequiresValue]
    public string? Type { get; set; }

    /// <summary>The longest a single attempt may run; 0s takes the limit away.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? Timeout { get; set; }

    /// <summary>New data in place of the old: an object, a hashtable or JSON text. Null removes the data.</summary>
    [Parameter]
    [AllowNull]
    public object? Data { get; set; }

    /// <summary>The new data as JSON of any kind, to the letter.</summary>
    [Parameter]
    [RequiresValue]
    public string? DataJson { get; set; }

    /// <summary>Write the changed tasks.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    internal override bool WritesTasks => PassThru;

    protected override void Begin()
    {
        _setsData = DataJson is not null || MyInvocation.BoundParameters.ContainsKey(nameof(Data));
        if (DataJson is not null && JsonValueWriter.BaseOf(Data) is not null)
        {
            throw new TaskValidationException("-Data and -DataJson are both given.", "Leave one of them out.");
        }

        if (DueAt is not null && Delay is not null)
        {
            throw new TaskValidationException(
                "-DueAt and -Delay are both given.", "Give the time with -DueAt, or the distance from now with -Delay.");
        }

        if (Delay is { Value: var delay } && delay < TimeSpan.Zero)
        {
            throw new TaskValidationException("-Delay is negative.", "Give 0s to run the tasks at once.");
        }

        if (Priority is null && DueAt is null && Delay is null && MaxRetries is null && Type is null && Timeout is null && !_setsData)
        {
            throw new TaskValidationException(
                "Nothing to change was given.", "Give -Priority, -DueAt, -Delay, -MaxRetries, -Type, -Timeout, -Data or -DataJson.");
        }

        _dataJson = DataJson is not null ? TaskDataJson.Exact(DataJson) : Data is null ? null : TaskDataJson.Write(Data);
    }

    internal override TaskChange ChangeOf(TaskIdentity identity)
    {
        if (!_setsData && identity.Source is not string && new RecordReader(PSObject.AsPSObject(identity.Source)).HasChangedData())
        {
            throw new TaskValidationException(
                $"The Data of the piped task '{identity.Id}' were changed, and only parameters say what is set.",
                "Give the new data with -Data, or read the task again with Get-QueueTask.");
        }

        var change = new SetTask(identity.Id, identity.Revision)
        {
            Priority = Priority,
            // Counted from the queue's own clock, which decides what is due.
            DueAt = Delay is null ? DueAt?.ToUniversalTime() : OpenStore(identity.Queue, forWriting: true).Now + Delay.Value,
            MaxRetries = MaxRetries,
            Type = Type,
            Timeout = Timeout?.Value,
            DataJson = _dataJson,
            RemovesData = _setsData && _dataJson is null,
        };
        change.Validate();
        return change;
    }

    internal override string ActionOn(TaskIdentity identity) => "Change task" + identity.StateNote;

    internal override string? AdviceFor(QueueTask task) => "Only waiting tasks can be changed.";
}
