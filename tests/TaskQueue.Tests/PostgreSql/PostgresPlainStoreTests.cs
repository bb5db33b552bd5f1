using System.Data.Common;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Store;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>A queue keeps every promise of a store on a server that only speaks PostgreSQL's language too.</summary>
public sealed class PostgresPlainStoreTests : TaskStoreContract
{
    private readonly Dictionary<string, PostgresLocation> _queues = [];

    protected override ITaskStore Open(string name, TimeProvider time) =>
        TaskStores.Open(QueueOf(name).ToString(), new StoreOptions { Create = true, ForWriting = true, Time = time });

    protected override DbConnection Connect(string name) => QueueOf(name).Connect();

    private protected override void AwaitSilence(SemaphoreSlim told)
    {
        // There is none: it cannot be seen that nothing changed.
    }

    private PostgresLocation QueueOf(string name)
    {
        if (!_queues.TryGetValue(name, out var queue))
        {
            _queues.Add(name, queue = PlainServer.NewQueue());
        }

        return queue;
    }
}
