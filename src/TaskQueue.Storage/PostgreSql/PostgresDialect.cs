namespace TaskQueue.Storage;

/// <summary>The SQL of our own tables in PostgreSQL.</summary>
/// <param name="schema">The schema that holds them.</param>
internal sealed class PostgresDialect(string schema) : SqlDialect
{
    public override string Schema { get; } = Quoted(schema);

    public override string TrashKey => "place";

    public override string NextSeq => $"nextval('{Schema.Replace("'", "''", StringComparison.Ordinal)}.task_seq')";

    // The number is the sum of all rows.
    public override string AddToCount => "";

    // There are no hints; that no plan reads the whole table is a setting of the connection.
    public override string IndexHint(string index) => "";

    public override string ForUpdate => " FOR UPDATE";

    // The order and the limit of the whole do not reach into its branches. Each branch would be read to its end.
    public override string UnionBranch(string select, string end) => $"({select} {end})";

    // The server has no hints. If the key is all that is asked for, it prefers the key's own index to one that would read a hundredth of
    // it.
    public override string WithoutOwnIndex(string key) => $"{key} + 0";

    public override string IdentifierCondition(string column) => $"{column} IS NOT NULL";

    /// <summary>A name as it stands in a statement, whatever it is made of.</summary>
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
