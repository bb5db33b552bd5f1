namespace TaskQueue;

/// <summary>Where a backup goes.</summary>
/// <param name="Path">The full path of the file to write.</param>
/// <param name="Overwrite">Replace a file of that name.</param>
/// <param name="IsAutomatic">Made by a command before a change; only such backups are ever pruned.</param>
public sealed record BackupRequest(string Path, bool Overwrite = false, bool IsAutomatic = false);
