using Microsoft.Data.Sqlite;
using Xunit;

namespace TaskQueue.Tests.Original;

public sealed class BusyBackupTests
{
    private const int Busy = 5;

    [Fact]
    public void A_backup_ends_however_often_the_service_writes_meanwhile()
    {
        using var file = OriginalFile.OfIncident();
        // 100 MB: more steps than the service leaves undisturbed.
        file.Execute(
            """
            WITH RECURSIVE number(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM number WHERE value < 1000)
            INSERT INTO task_queue (task_id, task_type, data) SELECT 'big_' || value, 'publish', hex(zeroblob(50000)) FROM number
            """);
        using var stop = new CancellationTokenSource();
        var service = new Thread(() => WriteUntil(file.Location, stop.Token));
        service.Start();
        try
        {
            using var store = file.Open();
            var backup = store.Backup(new BackupRequest(Path.Combine(file.Folder, "busy.db")), CancellationToken.None);
            Assert.Equal(1055, backup.Tasks);
        }
        finally
        {
            stop.Cancel();
            service.Join();
        }
    }

    private static void WriteUntil(string path, CancellationToken stopped)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False;Default Timeout=-1");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous = OFF; UPDATE task_queue SET retry_count = retry_count + 1 WHERE id = 1";
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                command.ExecuteNonQuery();
            }
            catch (SqliteException error) when (error.SqliteErrorCode == Busy)
            {
                // The next try comes at once: between two steps of the copy there is hardly a moment.
            }

            Thread.Yield();
        }
    }
}
