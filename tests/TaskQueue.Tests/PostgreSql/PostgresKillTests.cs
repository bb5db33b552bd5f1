using TaskQueue.TestPostgres;
using TaskQueue.Tests.Workers;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>Killed and paused workers on one server.</summary>
public sealed class PostgresKillTests(ITestOutputHelper output) : KillContract(output)
{
    private readonly PostgresLocation _queue = PostgresCluster.Shared.NewQueue();

    protected override string Location => _queue.ToString();

    protected override int ManyTasks => 4_000;

    protected override IDisposable Locked() => TableLock.Take(_queue);
}
