using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Makes what a handler writes by Write-Progress the progress of its task.</summary>
internal static class HandlerProgress
{
    private const int LongestMessage = 500;

    // What Write-Progress says where it is given no -Status.
    private const string NoStatus = "Processing";

    /// <summary>
    /// Takes a record, unless it is one of a part (a child activity) or of an end. Once the handler has reported by <c>$TaskContext</c>,
    /// that alone counts: commands that it calls write progress of their own.
    /// </summary>
    public static void Report(ProgressRecord record, TaskContext context, TaskExecution execution)
    {
        if (context.HasReported || record.ParentActivityId >= 0 || record.RecordType is ProgressRecordType.Completed)
        {
            return;
        }

        var message = record.StatusDescription is null or "" or NoStatus
            ? record.Activity
            : $"{record.Activity}: {record.StatusDescription}";
        execution.Report(record.PercentComplete < 0 ? null : record.PercentComplete, TerminalText.ShortenMiddle(message, LongestMessage));
    }
}
