using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>A cmdlet that changes what is in a queue. The queue's log keeps each change with the operator's reason.</summary>
public abstract class OperatorCmdlet : QueueCmdlet
{
    /// <summary>Why, in the operator's own words; kept in the queue's log.</summary>
    [Parameter]
    public string? Reason { get; set; }
}
