using Npgsql;
using TaskQueue.Storage;
using TaskQueue.Tests.Workers;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>Workers keep their promises on PostgreSQL.</summary>
public sealed class PostgresWorkerTests : WorkerContract
{
    private readonly PostgresQueues _queues = new();

    // The tests that lock the queue wait for it; a busy server needs some time to answer.
    protected override ITaskStore Open(string name) => TaskStores.Open(
        _queues[name].ToString(), new StoreOptions { Create = true, ForWriting = true, Time = Time, Timeout = TimeSpan.FromSeconds(4) });

    protected override IDisposable Locked() => TableLock.Take(_queues["queue"]);

    protected override void Corrupt(string id)
    {
        using var connection = _queues["queue"].Connect();
        using var command = new NpgsqlCommand(
            "UPDATE task SET data = '{broken' WHERE id = $1", connection) { Parameters = { new() { Value = id } } };
        command.ExecuteNonQuery();
    }
}
