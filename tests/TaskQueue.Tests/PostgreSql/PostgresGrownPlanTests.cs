using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>The other way round: a plan that was made while the queue was small, as the server knew, is kept while it grows.</summary>
public sealed class PostgresGrownPlanTests : PostgresPlanTestBase
{
    private const int UntilPlanned = 4;

    public PostgresGrownPlanTests()
    {
        using var store = Open();
        Enqueue(store, "a", "b", "c");
        Execute("ANALYZE");
        Execute("ALTER ROLE CURRENT_USER SET plan_cache_mode = force_generic_plan");
    }

    [Fact]
    public void A_change_of_many_reads_no_more_than_them() => AssertReads("task", 500, store =>
    {
        for (var priority = 1; priority <= UntilPlanned; priority++)
        {
            SetPriorities(store, priority, "a", "b", "c");
        }

        AddFinished();
        SetPriorities(store, 9, "a", "b", "c");

        Assert.Equal(9, store.Find("c", Cancel)!.Priority);
    });

    [Fact]
    public void A_claim_of_many_types_reads_no_more_than_its_tasks() => AssertReads("task", 150, store =>
    {
        string[] types = [.. Enumerable.Range(0, Types).Select(TypeName)];
        for (var time = 1; time <= UntilPlanned; time++)
        {
            Assert.Empty(store.Claim(Request(10) with { Types = types }, Cancel));
        }

        AddReady();

        Assert.Equal(10, store.Claim(Request(10) with { Types = types }, Cancel).Count);
    });
}
