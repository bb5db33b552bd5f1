using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Changes the settings of waiting tasks.</summary>
[Cmdlet(VerbsCommon.Set, "QueueTask", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(QueueTask))]
public sealed class SetQueueTaskCommand : TaskChangeCmdlet
{
    private string? _dataJson;

    /// <summary>1 (runs first) to 10.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(TaskRules.LowestPriorityNumber, TaskRules.HighestPriorityNumber)]
    public int? Priority { get; set; }

    /// <summary>The earliest time they may run. A time without an offset is local.</summary>
    [Parameter]
    [RequiresValue]
    public DateTimeOffset? DueAt { get; set; }

    /// <summary>How many retries they may have, from 0.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(0, int.MaxValue)]
    public int? MaxRetries { get; set; }

    /// <summary>New data, in place of the old: an object, a hashtable or JSON text.</summary>
    [Parameter]
    public object? Data { get; set; }

    /// <summary>Write the changed tasks.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    internal override bool WritesTasks => PassThru;

    internal override string OperationKind => "set";

    protected override void Begin()
    {
        if (Priority is null && DueAt is null && MaxRetries is null && Data is null)
        {
            throw new TaskValidationException("Nothing to change was given.", "Give -Priority, -DueAt, -MaxRetries or -Data.");
        }

        _dataJson = Data is null ? null : TaskDataJson.Write(Data);
    }

    internal override TaskChange ChangeOf(TaskIdentity identity)
    {
        var change = new SetTask(identity.Id, identity.Revision)
        {
            Priority = Priority,
            DueAt = DueAt?.ToUniversalTime(),
            MaxRetries = MaxRetries,
            DataJson = _dataJson,
        };
        change.Validate();
        return change;
    }

    internal override string ActionOn(TaskIdentity identity) => "Change task" + identity.StateNote;

    internal override string? AdviceFor(QueueTask task) => "Only waiting tasks can be changed.";
}
