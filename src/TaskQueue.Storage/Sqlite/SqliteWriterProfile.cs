namespace TaskQueue.Storage;

/// <summary>What a writer must know of the file it writes.</summary>
/// <param name="Path">The canonical path: the registry's key.</param>
/// <param name="Durability">How a commit is synced.</param>
/// <param name="Prepare">Run once on each new connection, outside a transaction.</param>
/// <param name="Verify">Run on each connection that the writer opens, and first in each transaction; throws if the file is no longer what
/// it was.</param>
internal sealed record SqliteWriterProfile(string Path, Durability Durability, Action<SqliteSession> Prepare, Action<SqliteSession> Verify);
