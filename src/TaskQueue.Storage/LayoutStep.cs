namespace TaskQueue.Storage;

/// <summary>What brings a layout from one version to the next.</summary>
/// <param name="Sql">The script of its file, <c>Layouts/001.sql</c> for the first version.</param>
/// <param name="Storage">How a PostgreSQL server is to keep the tables, <c>Layouts/001.storage.sql</c>; null if it is left to the
/// database.</param>
internal sealed record LayoutStep(string Sql, string? Storage = null);
