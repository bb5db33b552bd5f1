namespace TaskQueue.Storage;

/// <summary>A log that can be read.</summary>
/// <param name="Name">What its database is called on the connection.</param>
/// <param name="KnowsUndo">False for one that was made before there was an undo, and not written since.</param>
/// <param name="Dialect">Its database's SQL.</param>
internal readonly record struct LogSchema(string Name, bool KnowsUndo, SqlDialect Dialect);
