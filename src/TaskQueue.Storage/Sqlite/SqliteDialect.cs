namespace TaskQueue.Storage;

/// <summary>The SQL of our own tables in SQLite.</summary>
internal sealed class SqliteDialect : SqlDialect
{
    private SqliteDialect()
    {
    }

    public static SqliteDialect Instance { get; } = new();

    public override string Schema => "main";

    public override string TrashKey => "rowid";

    public override string NextSeq => "NULL";

    public override string AddToCount => "ON CONFLICT (type, status) DO UPDATE SET tasks = tasks + excluded.tasks";

    // The index is named, so that the choice does not depend on statistics.
    public override string IndexHint(string index) => $" INDEXED BY {index}";

    // There is one writer, and nobody else changes what it reads.
    public override string ForUpdate => "";

    // Branches are merged in the order of the whole, and each is read only as far as it is needed.
    public override string UnionBranch(string select, string end) => select;

    public override string WithoutOwnIndex(string key) => key;

    public override string IdentifierCondition(string column) => $"length({column}) = 16";
}
