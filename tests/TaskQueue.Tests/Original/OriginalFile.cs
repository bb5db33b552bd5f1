using System.Globalization;
using Microsoft.Data.Sqlite;
using TaskQueue.Storage;

namespace TaskQueue.Tests.Original;

/// <summary>A database as the original service makes it, in a folder of its own.</summary>
internal sealed class OriginalFile : IDisposable
{
    public const string Schema =
        """
        CREATE TABLE task_queue (
            id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT UNIQUE NOT NULL, task_type TEXT NOT NULL,
            priority INTEGER DEFAULT 5, status TEXT DEFAULT 'pending', data TEXT, result TEXT, error_message TEXT,
            retry_count INTEGER DEFAULT 0, max_retries INTEGER DEFAULT 3,
            created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, started_at TIMESTAMP, completed_at TIMESTAMP,
            updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
        CREATE INDEX idx_task_status ON task_queue(status);
        CREATE INDEX idx_task_type ON task_queue(task_type);
        CREATE INDEX idx_task_created ON task_queue(created_at);
        CREATE TABLE manual_tasks (id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT UNIQUE NOT NULL, reason TEXT NOT NULL);
        INSERT INTO manual_tasks (task_id, reason) VALUES ('manual_1', 'captcha'), ('manual_2', 'login');
        """;

    /// <summary>The service's local time is this far from UTC.</summary>
    public static readonly TimeSpan Offset = TimeSpan.FromHours(8);

    /// <summary>When the incident's running tasks started, by the service's clock.</summary>
    private static readonly string[] Stuck =
    [
        "2025-12-16T22:07:13.868950", "2025-12-16T22:12:45.928337", "2025-12-16T22:13:06.598062", "2025-12-16T22:18:50.373604",
        "2025-12-18T20:55:04.389430", "2025-12-19T10:31:09.250189", "2025-12-19T11:36:26.606523", "2025-12-19T16:30:30.283626",
    ];

    private static readonly string[] FrameQueries =
    [
        "PRAGMA journal_mode", "PRAGMA user_version", "PRAGMA application_id", "PRAGMA page_size", "PRAGMA encoding",
        "SELECT sql FROM sqlite_schema ORDER BY name", "SELECT * FROM manual_tasks",
    ];

    private OriginalFile() => Directory.CreateDirectory(Folder);

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "taskqueue-original-" + Guid.NewGuid().ToString("N"));

    public string Location => Path.Combine(Folder, "task_queue.db");

    public string LogLocation => Path.Combine(Folder, "task_queue_operations.db");

    public FixedTime Time { get; } = new(FixedTime.Incident);

    public static OriginalFile Empty()
    {
        var file = new OriginalFile();
        file.Execute(Schema);
        return file;
    }

    /// <summary>The incident: 55 tasks, 8 of them running.</summary>
    public static OriginalFile Incident()
    {
        var file = Empty();
        for (var number = 1; number <= 47; number++)
        {
            var status = number % 8 == 0 || number == 47 ? "failed" : "success";
            file.AddFinished($"publish_batch_{number}", status, new DateTime(2025, 12, 12, 17, 0, 0).AddHours(number));
        }

        foreach (var (started, index) in Stuck.Select((text, index) => (text, index)))
        {
            file.AddRunning($"stuck_{index}", started);
        }

        return file;
    }

    /// <summary>A copy of the file the incident is known from, where it is at hand; null elsewhere.</summary>
    public static OriginalFile? Recorded()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "TaskQueue.PowerShell.sln")))
        {
            root = root.Parent;
        }

        var recorded = Path.Combine(root?.Parent?.FullName ?? "", "shared", "fixtures", "task_queue.db");
        if (!File.Exists(recorded))
        {
            return null;
        }

        var file = new OriginalFile();
        File.Copy(recorded, file.Location);
        File.SetAttributes(file.Location, FileAttributes.Normal);
        return file;
    }

    public ITaskStore Open(bool forWriting = false, TimeSpan? utcOffset = null) => TaskStores.Open(
        Location, new StoreOptions { Time = Time, ForWriting = forWriting, UtcOffset = utcOffset, Timeout = TimeSpan.FromSeconds(20) });

    /// <summary>A task as the service leaves it while it runs; <paramref name="started"/> is its local time.</summary>
    public void AddRunning(string id, string started)
    {
        var clock = DateTime.Parse(started, CultureInfo.InvariantCulture);
        Add(("task_id", id), ("status", "running"), ("created_at", Local(clock.AddSeconds(-70))), ("started_at", started), ("updated_at", Utc(clock)));
    }

    public void AddPending(string id, DateTime created) =>
        Add(("task_id", id), ("status", "pending"), ("created_at", Local(created)), ("updated_at", Utc(created)));

    /// <summary>A task as the service leaves it at its end.</summary>
    public void AddFinished(string id, string status, DateTime completed) => Add(
        ("task_id", id),
        ("status", status),
        ("result", status == "success" ? """{"success": true}""" : null),
        ("error_message", status == "failed" ? "boom\nTraceback (most recent call last):" : null),
        ("created_at", Local(completed.AddMinutes(-6))),
        ("started_at", Local(completed.AddMinutes(-5))),
        ("completed_at", Local(completed.AddMilliseconds(123))),
        ("updated_at", Utc(completed)));

    /// <summary>A row with exactly these columns, and a usual type and data.</summary>
    public void Add(params (string Column, object? Value)[] columns)
    {
        (string Column, object? Value)[] usual = [("task_type", "publish"), ("data", """{"title": "\u79cb\u65e5"}""")];
        (string Column, object? Value)[] all = [.. usual.Where(column => columns.All(given => given.Column != column.Column)), .. columns];
        Execute(
            $"INSERT INTO task_queue ({string.Join(", ", all.Select(column => column.Column))}) VALUES ({string.Join(", ", all.Select(column => "$" + column.Column))})",
            [.. all.Select(column => ("$" + column.Column, column.Value))]);
    }

    public void Execute(string sql, params (string Name, object? Value)[] parameters)
    {
        using var connection = OpenRaw(Location);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        command.ExecuteNonQuery();
    }

    /// <summary>One row as its columns spell it: literals of SQL, so that types show.</summary>
    public Dictionary<string, string> Row(string id) => Rows($"SELECT * FROM task_queue WHERE task_id = '{id}'").Single();

    public IReadOnlyList<Dictionary<string, string>> Rows(string sql) => Rows(Location, sql);

    public IReadOnlyList<Dictionary<string, string>> LogRows(string sql) => Rows(LogLocation, sql);

    public string Value(string sql) => Rows(sql).Single().Values.Single();

    /// <summary>All that must never change: tables, the manual tasks, and the file's own settings.</summary>
    public string Frame() => string.Join("\n", FrameQueries.SelectMany(sql => Rows(sql).Select(row => string.Join("|", row.Values))));

    /// <summary>All rows of tasks to the letter.</summary>
    public string Tasks() => string.Join("\n", Rows("SELECT * FROM task_queue ORDER BY id").Select(row => string.Join("|", row.Values)));

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static SqliteConnection OpenRaw(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    private static List<Dictionary<string, string>> Rows(string path, string sql)
    {
        using var connection = OpenRaw(path);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<Dictionary<string, string>>();
        while (reader.Read())
        {
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, column => Literal(reader.GetValue(column))));
        }

        return rows;
    }

    private static string Literal(object value) => value switch
    {
        DBNull => "NULL",
        string text => $"'{text}'",
        byte[] bytes => $"X'{Convert.ToHexString(bytes)}'",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Local(DateTime clock) => clock.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    private static string Utc(DateTime clock) => (clock - Offset).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
