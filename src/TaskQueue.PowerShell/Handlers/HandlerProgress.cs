using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Turns what a handler writes with Write-Progress into the progress of its task.</summary>
internal static class HandlerProgress
{
    private const int LongestMessage = 500;

    // The status that Write-Progress gives a record without -Status.
    private const string NoStatus = "Processing";

    /// <summary>
    /// Takes a record, unless it is of a child activity or says that an activity has ended. Once the handler has reported by
    /// <c>$TaskContext</c>, records are ignored, since commands that it calls write progress of their own.
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
