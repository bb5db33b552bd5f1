using System.Globalization;

namespace TaskQueue.TestProcess;

/// <summary>A database as the original service makes it.</summary>
public class OriginalDatabase(string location)
{
    private const string Schema =
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

    /// <summary>When the stuck tasks were found: 2025-12-19 16:54:56 in the service's zone.</summary>
    public static readonly DateTimeOffset Incident = new(2025, 12, 19, 16, 54, 56, Offset);

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

    public string Location => location;

    public void Create() => Execute(Schema);

    /// <summary>The incident: 55 tasks, 8 of them running, as they were found at <paramref name="moment"/>.</summary>
    public void AddIncident(DateTimeOffset moment)
    {
        var later = moment - Incident;
        for (var number = 1; number <= 47; number++)
        {
            var status = number % 8 == 0 || number == 47 ? "failed" : "success";
            AddFinished($"publish_batch_{number}", status, new DateTime(2025, 12, 12, 17, 0, 0).AddHours(number) + later);
        }

        foreach (var (started, index) in Stuck.Select((text, index) => (text, index)))
        {
            AddRunning($"stuck_{index}", Local(DateTime.Parse(started, CultureInfo.InvariantCulture) + later));
        }
    }

    /// <summary>A task as the service leaves it while it runs; <paramref name="started"/> is its local time.</summary>
    public void AddRunning(string id, string started)
    {
        var clock = DateTime.Parse(started, CultureInfo.InvariantCulture);
        Add(
            ("task_id", id), ("status", "running"), ("created_at", Local(clock.AddSeconds(-70))), ("started_at", started),
            ("updated_at", Utc(clock)));
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
        (string Column, object? Value)[] usual = [("task_type", "publish"), ("data", """{"file_id": 30, "title": "\u79cb\u65e5"}""")];
        (string Column, object? Value)[] all = [.. usual.Where(column => columns.All(given => given.Column != column.Column)), .. columns];
        Execute(
            $"INSERT INTO task_queue ({string.Join(", ", all.Select(column => column.Column))}) "
                + $"VALUES ({string.Join(", ", all.Select(column => "$" + column.Column))})",
            [.. all.Select(column => ("$" + column.Column, column.Value))]);
    }

    public void Execute(string sql, params (string Name, object? Value)[] parameters)
    {
        using var connection = RawDatabase.Open(Location);
        connection.Execute(sql, parameters);
    }

    public IReadOnlyList<Dictionary<string, string>> Rows(string sql) => RawDatabase.Rows(Location, sql);

    /// <summary>All that must never change: tables, the manual tasks, and the file's own settings.</summary>
    public string Frame() => string.Join("\n", FrameQueries.SelectMany(sql => Rows(sql).Select(row => string.Join("|", row.Values))));

    private static string Local(DateTime clock) => clock.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    private static string Utc(DateTime clock) => (clock - Offset).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
