using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Original;

public sealed class ReadOnlyTests : IDisposable
{
    private readonly OriginalFile _file = OriginalFile.OfIncident();

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Reading_and_planning_leave_the_folder_byte_for_byte_as_it_was()
    {
        var before = _file.Fingerprint();
        using (var store = _file.Open())
        {
            var plan = new StuckTaskCleanup(store).Plan(new StuckPolicy(), CancellationToken.None);
            Assert.True(StuckTaskCleanup.ReportPlanOnly(plan).IsPlanOnly);
            Assert.Equal(55, store.Read(new TaskQuery(), CancellationToken.None).Count());
            _ = QueueMeasure.Of(store, null, null, TimeSpan.FromHours(1), CancellationToken.None);
            // While it is open too: no journal, no other file beside it.
            Assert.Equal(before, _file.Fingerprint());
        }

        Assert.Equal(before, _file.Fingerprint());
    }

    [Fact]
    public void Opening_for_writing_alone_changes_nothing()
    {
        var before = _file.Fingerprint();
        using (_file.Open(forWriting: true))
        {
        }

        Assert.Equal(before, _file.Fingerprint());
    }

    [Fact]
    public void What_a_killed_writer_left_is_reported_by_readers_and_rolled_back_by_the_next_writer()
    {
        var tasks = _file.Tasks();
        KillWriter();

        var left = _file.Fingerprint();
        Assert.Contains("task_queue.db-journal", left, StringComparison.Ordinal);
        Assert.Throws<QueueNeedsRecoveryException>(() => _file.Open());
        Assert.Equal(left, _file.Fingerprint());

        using (var store = _file.Open(forWriting: true))
        {
            Assert.Equal(8, store.CountByStatus(CancellationToken.None)["running"]);
        }

        Assert.Equal(tasks, _file.Tasks());
        Assert.Equal("'ok'", _file.Value("PRAGMA integrity_check"));
    }

    [Fact]
    public void A_reader_that_is_open_when_the_writer_is_killed_reports_it_too()
    {
        using var store = _file.Open();
        KillWriter();

        Assert.Throws<QueueNeedsRecoveryException>(() => store.Find("stuck_0", CancellationToken.None));
    }

    [Fact]
    public void A_database_with_another_table_of_that_name_is_no_queue()
    {
        using var other = OriginalFile.Empty();
        other.Execute("ALTER TABLE task_queue DROP COLUMN max_retries");
        Assert.Throws<QueueFormatException>(() => TaskStores.Open(other.Location, new StoreOptions()));
    }

    /// <summary>Leaves the journal of a write that was cut off.</summary>
    private void KillWriter()
    {
        using var writer = ChildProcess.Start("write-until-killed", _file.Location);
        Assert.Equal("written", writer.ReadLine());
        writer.Kill();
    }
}
