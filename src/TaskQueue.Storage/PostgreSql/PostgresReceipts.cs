using System.Collections.Concurrent;

namespace TaskQueue.Storage;

/// <summary>
/// The receipts of a process: rows of its own, one for each of its transactions at a time, in which a transaction leaves its number as it
/// commits. They tell what became of a commit whose answer was lost. A transaction's own number would not: after a crash of the server, or
/// on another one that took its place, another transaction may have been given it.
/// </summary>
/// <param name="schema">The quoted name of the queue's schema.</param>
internal sealed class PostgresReceipts(string schema)
{
    private readonly ConcurrentBag<PostgresReceipt> _idle = [];

    /// <summary>A receipt that no other transaction uses until it is given back.</summary>
    public PostgresReceipt Take() => _idle.TryTake(out var receipt) ? receipt : new PostgresReceipt(schema);

    public void Return(PostgresReceipt receipt) => _idle.Add(receipt);
}
