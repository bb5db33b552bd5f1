namespace TaskQueue.Storage;

/// <summary>What one database's SQL says in another way than the other's, where both hold the same tables.</summary>
internal abstract class SqlDialect
{
    /// <summary>What the tables' names begin with, as <c>main</c>.</summary>
    public abstract string Schema { get; }

    /// <summary>The unique key of a row of the trash.</summary>
    public abstract string TrashKey { get; }

    /// <summary>What gives a new row of the tasks its key.</summary>
    public abstract string NextSeq { get; }

    /// <summary>Behind a table's name: which index a statement is to use.</summary>
    public abstract string By(string index);

    /// <summary>At the end of a statement that reads rows in order to change them in the same transaction.</summary>
    public abstract string ForChange { get; }

    /// <summary>A branch of a UNION ALL that ends with <paramref name="end"/>, an order and a limit.</summary>
    public abstract string Branch(string select, string end);

    /// <summary>A key by which the rows of an index stand in order that begins with another column: never to be looked for in the key's own index.</summary>
    public abstract string Ordered(string key);

    /// <summary>True if the column holds an identifier.</summary>
    public abstract string HoldsIdentifier(string column);
}
