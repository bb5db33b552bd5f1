namespace TaskQueue.Storage;

/// <summary>A log that can be read.</summary>
/// <param name="Name">What its database is called on the connection.</param>
/// <param name="Dialect">Its database's SQL.</param>
internal readonly record struct LogSchema(string Name, SqlDialect Dialect);
