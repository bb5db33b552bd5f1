using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>A cmdlet that changes what is in a queue, which the queue's log keeps, with the operator's reason.</summary>
public abstract class OperatorCmdlet : QueueCmdlet
{
    /// <summary>Why, in the operator's own words; kept in the queue's log.</summary>
    [Parameter]
    public string? Reason { get; set; }
}
