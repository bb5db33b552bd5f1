namespace TaskQueue.Storage;

/// <summary>
/// A column of the original's table of tasks. Its place in a row that is read follows from the order in which the columns stand here.
/// </summary>
internal sealed class OriginalColumn
{
    private static readonly List<OriginalColumn> Read = [];

    public static readonly OriginalColumn Id = new("id");
    public static readonly OriginalColumn TaskId = new("task_id");
    public static readonly OriginalColumn Type = new("task_type");
    public static readonly OriginalColumn Status = new("status");
    public static readonly OriginalColumn Priority = new("priority");
    public static readonly OriginalColumn RetryCount = new("retry_count");
    public static readonly OriginalColumn MaxRetries = new("max_retries");
    public static readonly OriginalColumn CreatedAt = new("created_at");
    public static readonly OriginalColumn StartedAt = new("started_at");
    public static readonly OriginalColumn CompletedAt = new("completed_at");
    public static readonly OriginalColumn UpdatedAt = new("updated_at");
    public static readonly OriginalColumn ErrorMessage = new("error_message");

    // What the original changes with each change of a task.
    private static readonly OriginalColumn[] Revised = [Status, StartedAt, UpdatedAt, RetryCount];

    /// <summary>Made of other columns. quote() spells each value as a literal of SQL: NULL differs from '', and 5 from '5'.</summary>
    public static readonly OriginalColumn Revision = new(
        "revision",
        $"concat_ws('|', {Id.Name}, {string.Join(", ", Revised.Select(column => $"quote({column.Name})"))})");

    // What a task carries stands last, because it is not always read.
    public static readonly OriginalColumn Data = new("data");
    public static readonly OriginalColumn Result = new("result");

    private readonly string _sql;

    private OriginalColumn(string name, string? made = null)
    {
        Name = name;
        Place = Read.Count;
        _sql = made is null ? name : $"{made} AS {name}";
        Read.Add(this);
    }

    /// <summary>The columns of the table.</summary>
    public static IReadOnlyList<OriginalColumn> Stored { get; } = [.. Read.Where(column => column != Revision)];

    /// <summary>The names of all columns but the key, which a row gets anew where its own is taken.</summary>
    public static string NamesWithoutKey { get; } = string.Join(", ", Stored.Where(column => column != Id).Select(column => column.Name));

    /// <summary>What is read of a task.</summary>
    public static string WholeSql { get; } = string.Join(", ", Read.Select(column => column._sql));

    /// <summary>The same without what it carries.</summary>
    public static string HeadSql { get; } =
        string.Join(", ", Read.Where(column => column != Data && column != Result).Select(column => column._sql));

    public string Name { get; }

    public int Place { get; }

    /// <summary>The parameter of a statement that writes it.</summary>
    public string Parameter => "$" + Name;
}
