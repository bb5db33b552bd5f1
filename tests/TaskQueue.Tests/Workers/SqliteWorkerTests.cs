using Microsoft.Data.Sqlite;
using TaskQueue.Storage;

namespace TaskQueue.Tests.Workers;

/// <summary>Workers keep their promises on our own SQLite layout.</summary>
public sealed class SqliteWorkerTests : WorkerContract
{
    // The tests that lock the queue wait for it; on a busy machine others may hold the lock for a while.
    protected override ITaskStore Open(string name) => TaskStores.Open(
        Folder[$"{name}.db"], new StoreOptions { Create = true, ForWriting = true, Time = Time, Timeout = TimeSpan.FromSeconds(4) });

    protected override IDisposable Locked()
    {
        var holder = ChildProcess.Start("hold-lock", Folder["queue.db"]);
        holder.ReadLine();
        return holder;
    }

    protected override void Corrupt(string id)
    {
        using var connection = new SqliteConnection($"Data Source={Folder["queue.db"]};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE task SET data = '{broken' WHERE id = $id";
        command.Parameters.AddWithValue("$id", id);
        command.ExecuteNonQuery();
    }
}
