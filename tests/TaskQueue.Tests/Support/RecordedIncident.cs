namespace TaskQueue.Tests;

/// <summary>The file the incident is known from.</summary>
internal static class RecordedIncident
{
    /// <summary>Its path where it is at hand, beside the folder of the project; null elsewhere.</summary>
    public static string? Find()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "TaskQueue.PowerShell.sln")))
        {
            root = root.Parent;
        }

        var recorded = Path.Combine(root?.Parent?.FullName ?? "", "shared", "fixtures", "task_queue.db");
        return File.Exists(recorded) ? recorded : null;
    }
}
