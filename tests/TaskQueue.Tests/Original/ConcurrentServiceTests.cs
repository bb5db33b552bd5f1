using System.Globalization;
using Xunit;

namespace TaskQueue.Tests.Original;

public sealed class ConcurrentServiceTests : IDisposable
{
    private const int Tasks = 300;

    private readonly OriginalFile _file = OriginalFile.Empty();

    public ConcurrentServiceTests()
    {
        for (var number = 0; number < Tasks; number++)
        {
            _file.AddRunning($"task_{number}", "2025-12-16T22:07:13.868950");
        }
    }

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_cleanup_while_the_service_completes_tasks_never_overwrites_a_result_nor_hinders_the_service()
    {
        using var service = ChildProcess.Start("serve", _file.Location, Tasks.ToString(CultureInfo.InvariantCulture));
        Assert.Equal("started", service.ReadLine());
        List<string> cleaned = [], skipped = [];
        using (var store = _file.Open(forWriting: true))
        {
            var cleanup = new StuckTaskCleanup(store);
            do
            {
                // Ten at a time, the last ones first: the service comes from the other end.
                var plan = cleanup.Plan(new StuckPolicy(), CancellationToken.None);
                var backup = new BackupRequest(Path.Combine(_file.Folder, $"backup_{Guid.NewGuid():N}.db"));
                var some = plan.Stuck.TakeLast(5).Concat(plan.Stuck.Take(5)).DistinctBy(task => task.Id).ToList();
                var operation = new NewOperation { Kind = "cleanup", Actor = Actor.Current("test") };
                var report = cleanup.Apply(
                    plan, some, () => store.Backup(backup, CancellationToken.None), operation, CancellationToken.None);
                cleaned.AddRange(report.Cleaned.Select(task => task.Id));
                skipped.AddRange(report.Skipped.Where(task => task.SkipReason != "declined").Select(task => task.Id));
                if (plan.Stuck.Count == 0)
                {
                    break;
                }
            }
            while (true);
        }

        // An error, such as a lock held for longer than the service's 5 s, would end it early.
        Assert.Equal(["done"], service.Finish());

        // The service writes each task blindly, so in the end all are its successes. That it cannot be stopped is what the report says.
        Assert.Equal(
            Tasks, int.Parse(_file.Value("SELECT COUNT(*) FROM task_queue WHERE status = 'success'"), CultureInfo.InvariantCulture));
        Assert.Equal(cleaned.Order(), _file.LogRows("SELECT task_id FROM event").Select(row => row["task_id"].Trim('\'')).Order());
        Assert.Empty(cleaned.Intersect(skipped));
        Assert.NotEmpty(cleaned);
        Assert.Equal("'ok'", _file.Value("PRAGMA integrity_check"));
        Assert.Equal("'delete'", _file.Value("PRAGMA journal_mode"));
    }
}
