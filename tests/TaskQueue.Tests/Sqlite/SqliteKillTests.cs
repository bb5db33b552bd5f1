using Microsoft.Data.Sqlite;
using TaskQueue.Tests.Workers;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

/// <summary>Killed and paused workers on one file.</summary>
public sealed class SqliteKillTests(ITestOutputHelper output) : KillContract(output)
{
    protected override string Location => Folder["queue.db"];

    protected override int ManyTasks => 20_000;

    protected override IDisposable Locked()
    {
        var holder = ChildProcess.Start("hold-lock", Location);
        holder.ReadLine();
        return holder;
    }

    protected override void AssertIntact()
    {
        using var connection = new SqliteConnection($"Data Source={Location};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        Assert.Equal("ok", command.ExecuteScalar());
    }
}
