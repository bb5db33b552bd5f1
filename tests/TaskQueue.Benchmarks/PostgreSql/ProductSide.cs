using TaskQueue.TestPostgres;

namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>The product's store.</summary>
internal sealed class ProductSide(PostgresLocation queue) : IQueueSide
{
    private readonly ITaskStore _store = BenchmarkServer.Open(queue);

    public void Enqueue(IReadOnlyList<NewTask> tasks) => _store.Enqueue(tasks, CancellationToken.None);

    public int ClaimAndComplete(int count)
    {
        var claimed = _store.Claim(SampleTask.ClaimOf(count), CancellationToken.None);
        if (claimed.Count > 0)
        {
            _store.Change(SampleTask.CompletionOf(claimed), SampleTask.Work, CancellationToken.None);
        }

        return claimed.Count;
    }

    public void Dispose() => _store.Dispose();
}
