using CsCheck;
using TaskQueue.Storage;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class SqliteModelTests
{
    private const int Histories = 120;

    private static readonly Gen<StoreStep> Step = Gen.Select(
        Gen.Enum<StepKind>(), Gen.Int[0, 3], Gen.Int[0, 59], (kind, task, choice) => new StoreStep(kind, task, choice));

    [Fact]
    public void Any_history_leaves_the_store_as_the_engine_says()
    {
        var cancellation = TestContext.Current.CancellationToken;
        Step.List[1, 60].Sample(
            steps =>
            {
                using var folder = new TemporaryFolder();
                var time = new ManualTime();
                using var store = TaskStores.Open(folder["queue.db"], new StoreOptions { Create = true, ForWriting = true, Durability = Durability.Normal, Time = time });
                var model = new StoreModel(store, time);
                steps.ForEach(step => model.Do(step, cancellation));
            },
            iter: Histories,
            threads: 2);
    }
}
