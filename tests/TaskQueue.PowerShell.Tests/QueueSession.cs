using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>A session connected to an empty queue of its own in a temporary folder.</summary>
internal sealed class QueueSession : IDisposable
{
    private readonly ModuleSession _session;

    public QueueSession(params string[] answers)
    {
        _session = new ModuleSession(answers);
        Values<PSObject>("Connect-TaskQueue $queue -Create", ("queue", Queue));
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("taskqueue-").FullName;

    public string Queue => Path.Combine(Folder, "tasks.db");

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

    /// <summary>Makes another queue beside this one and returns its path.</summary>
    public string AddQueue(string name, params string[] ids)
    {
        string path = InFolder(name);
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
