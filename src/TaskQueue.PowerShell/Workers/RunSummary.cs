using System.Management.Automation.Language;

namespace TaskQueue.PowerShell;

/// <summary>What a worker's run that ends by itself says at its end: the tasks that failed, and those that it left waiting.</summary>
internal sealed class RunSummary(QueueCmdlet cmdlet)
{
    // Enough to find a misspelt type, and read quickly however many tasks wait.
    private const int MostLookedAt = 1000;
    private const int MostTypesNamed = 10;

    private readonly List<(string Id, string Message)> _failures = [];

    // Failures that are followed by another try, by the task's id.
    private readonly Dictionary<string, string> _retries = new(StringComparer.Ordinal);

    /// <summary>Keeps what the end of an attempt means for the summary.</summary>
    public void Add(WorkerNotice notice)
    {
        var id = notice.Task!.Id;
        _retries.Remove(id);
        switch (notice)
        {
            case { IsFinal: false, Failure: { } failure }:
                _retries.Add(id, failure);
                break;
            case { Failure: { } failure }:
                _failures.Add((id, failure));
                break;
        }
    }

    /// <summary>
    /// Writes an error for each task that failed for good, so that a script can judge the run. To be called at the end of the run: under
    /// -ErrorAction Stop the first error ends the command, and tasks that are still waiting would not be run.
    /// </summary>
    public void WriteFailures()
    {
        foreach (var (id, message) in _failures)
        {
            cmdlet.Report(
                new TaskFailedException(
                    message,
                    $"Get-QueueTask '{CodeGeneration.EscapeSingleQuotedStringContent(id)}' | Format-List tells more; "
                        + "Restart-QueueTask tries it again."), id);
        }
    }

    /// <summary>
    /// Warns of failed tasks that wait for another try. A run that drains leaves them to the next worker. Without a warning it would look
    /// as if no task had failed.
    /// </summary>
    public void WarnOfRetries()
    {
        if (_retries.Count > 0)
        {
            cmdlet.WriteWarning(
                $"{Quantity.Of(_retries.Count, "task has failed and waits", "tasks have failed and wait")} for another try, which is "
                    + $"left to the next worker. {_retries.Values.First()}");
        }
    }

    /// <summary>
    /// Says why a run took no task. It looks the same in three cases: there was none, its type is misspelt, or failed tasks are not due
    /// yet.
    /// </summary>
    public void WarnOfWaiting(ITaskStore store, IReadOnlyCollection<string> handledTypes)
    {
        var waiting = new TaskQuery
        {
            Statuses = [QueueTaskStatus.Pending, QueueTaskStatus.Retry], Limit = MostLookedAt, IncludePayload = false,
        };
        var tasks = store.Read(waiting, cmdlet.Cancellation).ToList();
        var handled = tasks.Where(task => HandledTypes.Include(handledTypes, task.Type)).ToList();
        var retries = handled.Count(task => task.Status is QueueTaskStatus.Retry);
        if (retries > 0 && handled.Min(task => task.DueAt) is { } due)
        {
            cmdlet.WriteWarning(
                $"No task was taken: {Quantity.Of(retries, "task that failed waits", "tasks that failed wait")} for another try. "
                    + $"The next task is due at {DisplayText.Time(due)}.");
        }

        if (tasks.Count > 0 && handled.Count == 0)
        {
            var others = tasks.Select(task => task.Type).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            cmdlet.WriteWarning(
                $"No task was taken, but tasks of types that have no handler here wait: {NameList.Of(others, MostTypesNamed)}. "
                    + "Types are case-sensitive.");
        }
    }
}
