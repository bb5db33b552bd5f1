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

    /// <summary>
    /// At the end of a statement that adds a change to the numbers of tasks: what becomes of the number that is there already.
    /// </summary>
    public abstract string AddToCount { get; }

    /// <summary>Behind a table's name: which index a statement is to use.</summary>
    public abstract string IndexHint(string index);

    /// <summary>At the end of a statement that reads rows in order to change them in the same transaction.</summary>
    public abstract string ForUpdate { get; }

    /// <summary>A branch of a UNION ALL that ends with <paramref name="end"/>, an order and a limit.</summary>
    public abstract string UnionBranch(string select, string end);

    /// <summary>A key as the last column of an index that begins with another one. The key's own index is not used.</summary>
    public abstract string WithoutOwnIndex(string key);

    /// <summary>A condition: the column has an identifier in it.</summary>
    public abstract string IdentifierCondition(string column);
}
