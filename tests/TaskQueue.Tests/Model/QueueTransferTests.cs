using Xunit;

namespace TaskQueue.Tests;

public sealed class QueueTransferTests
{
    [Fact]
    public void Only_a_running_task_with_an_unexpired_lease_is_held_by_a_live_worker()
    {
        var running = TestTask.In(QueueTaskStatus.Running);
        using var store = new MemoryTaskStore(
            running with { Id = "held", LeaseExpiresAt = TestTask.Now.AddTicks(1) },
            running with { Id = "expired now", LeaseExpiresAt = TestTask.Now },
            running with { Id = "without a lease", LeaseExpiresAt = null },
            TestTask.In(QueueTaskStatus.Success) with { Id = "finished", LeaseExpiresAt = TestTask.Now.AddMinutes(1) });

        var held = QueueTransfer.HeldByLiveWorkers(store, TestContext.Current.CancellationToken);

        Assert.Equal(["held"], held.Select(task => task.Id));
    }
}
