namespace TaskQueue.Storage;

/// <summary>
/// A verified copy of a queue on a server, as a queue in a SQLite file: all tasks with their state and the whole history, as they were at
/// one moment.
/// </summary>
internal sealed class PostgresBackup(ServerLocation location, StoreOptions options, int version, PostgresServer server)
{
    public BackupResult Make(BackupRequest request, CancellationToken cancellation) => BackupFile.Make(
        location.Queue,
        request,
        partial =>
        {
            var copied = Copy(partial, cancellation);
            var counted = SqliteBackup.Finish(partial, location.Queue, request.IsAutomatic, cancellation);
            return counted == copied
                ? counted
                : throw new QueueUnavailableException($"The backup of '{location.Queue}' holds {counted} tasks of {copied}.", "Try again.");
        },
        cancellation);

    private long Copy(string partial, CancellationToken cancellation)
    {
        try
        {
            var target = new StoreOptions { Create = true, ForWriting = true, Durability = Durability.Normal, Cancellation = cancellation };
            using var file = new SqliteOpening(partial, target, SqliteSchema.Current).Open();
            var snapshot = new PostgresSnapshot(server.OpenSession(options.Time, cancellation));
            using var source = new PostgresTaskStore(location, options, version, snapshot, server: null);
            var operation = new NewOperation { Kind = "backup", Actor = Actor.Current("backup") };
            var copied = QueueTransfer.Copy(source, file, RunningTasks.Keep, operation, (_, error) => throw error, _ => { }, cancellation);
            // A backup is whole, or it is none.
            return copied.Warnings.Count == 0 ? copied.Added : throw new QueueUnavailableException(copied.Warnings[0], "Try again.");
        }
        catch (Exception error) when (PostgresErrors.IsAboutServer(error))
        {
            throw PostgresErrors.Translate(error, location.Queue, options.Timeout);
        }
    }
}
