using System.Management.Automation;
using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

/// <summary>A session connected to a queue of its own in a temporary folder: an empty one, unless it is made otherwise.</summary>
internal sealed class QueueSession : IDisposable
{
    private readonly ModuleSession _session;

    public QueueSession(params string[] answers)
        : this("tasks.db", answers) => Values<PSObject>("Connect-TaskQueue $queue -Create", ("queue", Queue));

    private QueueSession(string name, string[] answers)
    {
        _session = new ModuleSession(answers);
        Queue = InFolder(name);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("taskqueue-").FullName;

    public string Queue { get; }

    public ModuleSession Module => _session;

    /// <summary>All tasks in order: <c>a=pending b=running</c>.</summary>
    public string State => StateOf(Queue);

    /// <summary>The files of the folder, without SQLite's sidecars, which come and go.</summary>
    public IReadOnlyList<string> Files =>
    [
        .. Directory.EnumerateFiles(Folder).Select(path => Path.GetFileName(path))
            .Where(name => !name.EndsWith("-wal", StringComparison.Ordinal) && !name.EndsWith("-shm", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>All files of the folder, with a hash of each: taken by another process, so that SQLite's locks stay here.</summary>
    public string Fingerprint => ChildProcess.Run("hash-folder", Folder);

    /// <summary>
    /// A queue of the original system as the incident left it, 7 of its 8 running tasks for longer than an hour; not connected.
    /// </summary>
    public static QueueSession OfIncident()
    {
        QueueSession session = new("task_queue.db", []);
        ChildProcess.Run("make-incident", session.Queue);
        return session;
    }

    /// <summary>The same as it was recorded long ago; null where the record is not at hand.</summary>
    public static QueueSession? OfRecordedIncident()
    {
        if (RecordedIncident.Find() is not { } recorded)
            return null;

        QueueSession session = new("task_queue.db", []);
        File.Copy(recorded, session.Queue);
        File.SetAttributes(session.Queue, FileAttributes.Normal);
        return session;
    }

    public string InFolder(string name) => Path.Combine(Folder, name);

    public SessionResult Run(string script, params IEnumerable<(string Name, object? Value)> variables) =>
        _session.Run(script, variables);

    /// <summary>The output; fails on any error.</summary>
    public IReadOnlyList<T> Values<T>(string script, params IEnumerable<(string Name, object? Value)> variables) =>
        Run(script, variables).Values<T>();

    public T Value<T>(string script, params IEnumerable<(string Name, object? Value)> variables) =>
        Assert.Single(Values<T>(script, variables));

    public string StateOf(string queue) => string.Join(
        ' ', Values<string>("Get-QueueTask -Queue $stateQueue | ForEach-Object { \"$($_.Id)=$($_.StatusText)\" }", ("stateQueue", queue)));

    /// <summary>Pending tasks of the type <c>work</c>.</summary>
    public void Add(params string[] ids) =>
        Values<PSObject>("foreach ($id in $ids) { New-QueueTask work -Id $id }", ("ids", ids));

    /// <summary>A task in any status, as an import from another system makes it.</summary>
    public void Import(string id, string status, double hours = 2, string type = "work") => Values<PSObject>(
        """
        @{ Id = $id; Type = $type; Status = $status; StartedAt = [DateTimeOffset]::UtcNow.AddHours(-$hours) } | Import-QueueTask
        """,
        ("id", id), ("status", status), ("hours", hours), ("type", type));

    public void AddRunning(string id, double hours = 2, string type = "work") => Import(id, "running", hours, type);

    /// <summary>Waits until the queue's one worker says that it drains.</summary>
    public void AwaitDraining() => Assert.True(SpinWait.SpinUntil(
        () => Values<string>("Get-QueueWorker | ForEach-Object { \"$($_.State)\" }") is ["Draining"], TimeSpan.FromMinutes(5)));

    /// <summary>Makes another queue beside this one and returns its path.</summary>
    public string AddQueue(string name, params string[] ids)
    {
        var path = InFolder(name);
        using ModuleSession other = new();
        other.Run("Connect-TaskQueue $path -Create; foreach ($id in $ids) { New-QueueTask work -Id $id }", ("path", path), ("ids", ids))
            .Values<PSObject>();
        return path;
    }

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
