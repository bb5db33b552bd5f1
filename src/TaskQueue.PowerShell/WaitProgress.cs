using System.Diagnostics;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>The progress of a command that waits. Nothing is shown if the wait is over within a second.</summary>
internal sealed class WaitProgress(QueueCmdlet cmdlet, string activity)
{
    private static readonly TimeSpan ShownAfter = TimeSpan.FromSeconds(1);

    private readonly long _started = Stopwatch.GetTimestamp();
    private bool _isShown;

    /// <summary>Shows, say, <c>1 of 3 finished; 'import-7' is running</c>.</summary>
    public void Write(int done, int total, string state)
    {
        if (Stopwatch.GetElapsedTime(_started) >= ShownAfter)
        {
            _isShown = true;
            cmdlet.WriteProgress(
                new ProgressRecord(
                    0, activity,
                    FormattableString.Invariant($"{done:N0} of {total:N0} {state}")) { PercentComplete = (int)(100L * done / total) });
        }
    }

    public void Complete()
    {
        if (_isShown)
        {
            cmdlet.WriteProgress(new ProgressRecord(0, activity, "done") { RecordType = ProgressRecordType.Completed });
        }
    }
}
