using TaskQueue.Storage;
using TaskQueue.Tests.Store;

namespace TaskQueue.Tests.Original;

/// <summary>A database as the original service makes it, in a folder of its own.</summary>
internal sealed class OriginalFile : OriginalDatabase, IDisposable
{
    private readonly TemporaryFolder _folder;

    private OriginalFile(TemporaryFolder folder)
        : base(folder["task_queue.db"]) => _folder = folder;

    public string Folder => _folder.Path;

    public string LogLocation => _folder["task_queue_operations.db"];

    public ManualTime Time { get; } = new(Incident);

    public static OriginalFile Empty()
    {
        var file = new OriginalFile(new TemporaryFolder());
        file.Create();
        return file;
    }

    /// <summary>The incident: 55 tasks, 8 of them running.</summary>
    public static OriginalFile OfIncident()
    {
        var file = Empty();
        file.AddIncident(Incident);
        return file;
    }

    /// <summary>A copy of the file the incident is known from, where it is at hand; null elsewhere.</summary>
    public static OriginalFile? Recorded()
    {
        if (RecordedIncident.Find() is not { } recorded)
        {
            return null;
        }

        var file = new OriginalFile(new TemporaryFolder());
        File.Copy(recorded, file.Location);
        File.SetAttributes(file.Location, FileAttributes.Normal);
        return file;
    }

    public ITaskStore Open(bool forWriting = false, TimeSpan? utcOffset = null) => TaskStores.Open(
        Location, new StoreOptions { Time = Time, ForWriting = forWriting, UtcOffset = utcOffset, Timeout = TimeSpan.FromSeconds(20) });

    /// <summary>The names and contents of the folder's files.</summary>
    public string Fingerprint() => ChildProcess.Run("hash-folder", Folder);

    /// <summary>One row as its columns spell it: literals of SQL, so that types show.</summary>
    public Dictionary<string, string> Row(string id) => Rows($"SELECT * FROM task_queue WHERE task_id = '{id}'").Single();

    public IReadOnlyList<Dictionary<string, string>> LogRows(string sql) => RawDatabase.Rows(LogLocation, sql);

    public string Value(string sql) => Rows(sql).Single().Values.Single();

    /// <summary>All rows of tasks to the letter.</summary>
    public string Tasks() => string.Join("\n", Rows("SELECT * FROM task_queue ORDER BY id").Select(row => string.Join("|", row.Values)));

    public void Dispose() => _folder.Dispose();
}
