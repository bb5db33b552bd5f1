namespace TaskQueue;

/// <summary>Where a backup goes.</summary>
/// <param name="Path">The full path of the file to write.</param>
/// <param name="Overwrite">Replace a file of that name; never one whose name was not given by a person.</param>
/// <param name="IsAutomatic">Made by itself before a change; only such backups are ever pruned.</param>
/// <param name="IsNumbered">The name was made up: where somebody else has taken it meanwhile, the next number is taken.</param>
public sealed record BackupRequest(string Path, bool Overwrite = false, bool IsAutomatic = false, bool IsNumbered = false);
