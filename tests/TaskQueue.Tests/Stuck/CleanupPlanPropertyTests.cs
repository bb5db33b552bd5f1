using CsCheck;
using Xunit;

namespace TaskQueue.Tests;

/// <summary>
/// What a dry run names and what the run really changes are the same tasks, but for those that changed in between, which are listed.
/// </summary>
public sealed class CleanupPlanPropertyTests
{
    private const int Queues = 10_000;

    private static readonly Gen<QueueTask> Task = Gen.Select(
        Gen.Enum<QueueTaskStatus>(), Gen.Int[0, 240], Gen.Int[-120, 60].Nullable(), Gen.Bool,
        (status, age, lease, hasToken) => TestTask.In(status) with
        {
            StateSince = TestTask.Now.AddMinutes(-age),
            LeaseExpiresAt = TestTask.Now.AddMinutes(1) + (lease is { } minutes ? TimeSpan.FromMinutes(minutes) : TimeSpan.Zero),
            HeartbeatAt = lease is null ? null : TestTask.Now.AddMinutes(-age),
            ClaimToken = hasToken ? TestTask.Token : null,
        });

    private static readonly Gen<StuckPolicy> Policy = Gen.Select(
        Gen.Int[1, 180], Gen.Bool, Gen.Bool, Gen.Bool,
        (
            minutes, stalled, live,
            requeue) => new StuckPolicy
            {
                MaxAge = TimeSpan.FromMinutes(minutes), IncludeStalled = stalled, IncludeLive = live, Requeue = requeue,
            });

    [Fact]
    public void The_plan_and_the_tasks_really_changed_are_the_same_set_but_for_what_changed_in_between() =>
        Gen.Select(Task.Array[0, 12], Policy, Gen.Int[0, 3].Array[12]).Sample(
            (tasks, policy, meanwhile) =>
            {
                var cancellation = TestContext.Current.CancellationToken;
                using var store = new MemoryTaskStore(
                    [.. tasks.Select((task, index) => task with { Id = $"task-{index:00}", Revision = $"{index}" })]);
                var cleanup = new StuckTaskCleanup(store);
                var plan = cleanup.Plan(policy, cancellation);
                var changed = Meddle(store, meanwhile, tasks.Length);
                var before = store.Read(new TaskQuery(), cancellation).ToDictionary(task => task.Id);

                var report = cleanup.Apply(
                    plan, plan.Stuck, null, new NewOperation { Kind = "cleanup", Actor = Actor.Current("Test-Command") }, cancellation);

                var reallyChanged = store
                    .Read(new TaskQuery(), cancellation)
                    .Where(task => task != before[task.Id])
                    .Select(task => task.Id)
                    .ToList();
                Assert.Equal(plan.Stuck.Select(task => task.Id).Where(id => !changed.Contains(id)), reallyChanged);
                Assert.Equal(reallyChanged, report.Cleaned.Select(task => task.Id));
                Assert.Equal(
                    plan.Stuck.Select(task => task.Id).Where(changed.Contains).Order(),
                    report.Skipped.Except(plan.Skipped).Select(task => task.Id).Order());
                Assert.All(report.Cleaned, task => Assert.True(task.Age >= policy.MaxAge));
            },
            iter: Queues,
            threads: 2);

    /// <summary>What others do between the plan and the run: end a task, or take it for another claim.</summary>
    private static HashSet<string> Meddle(MemoryTaskStore store, int[] meanwhile, int count)
    {
        var changed = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < count; index++)
        {
            var id = $"task-{index:00}";
            if (store[id].Status is QueueTaskStatus.Running && meanwhile[index] < 2)
            {
                store[id] = meanwhile[index] == 0
                    ? TestTask.In(QueueTaskStatus.Success) with { Id = id, Revision = "changed" }
                    : store[id] with { ClaimToken = TestTask.OtherToken, Revision = "changed" };
                changed.Add(id);
            }
        }

        return changed;
    }
}
