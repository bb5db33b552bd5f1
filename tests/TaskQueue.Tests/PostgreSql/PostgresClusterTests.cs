using System.Globalization;
using Npgsql;
using TaskQueue.TestPostgres;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>The server that the other tests rely on.</summary>
public sealed class PostgresClusterTests
{
    [Fact]
    public void Logging_in_needs_the_password()
    {
        var owner = PostgresCluster.Shared.Owner;

        using var connection = owner.Connect();
        Assert.Equal("28P01", Assert.Throws<PostgresException>(() => (owner with { Password = "wrong" }).Connect()).SqlState);
    }

    [Fact]
    public void A_server_of_a_tests_own_is_restarted_with_its_data_and_leaves_nothing_behind()
    {
        int port;
        using (var cluster = PostgresCluster.Start(new() { IsDurable = true, Settings = ["max_connections = 17"] }))
        {
            port = cluster.Owner.Port;
            cluster.Execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)");
            cluster.Restart(StopMode.Crash);
            Assert.Equal(
                "1 on 17",
                Scalar(
                    cluster.Superuser,
                    "SELECT n || ' ' || current_setting('fsync') || ' ' || current_setting('max_connections') FROM kept"));

            cluster.Stop();
            Assert.Throws<NpgsqlException>(() => cluster.Owner.Connect());
            cluster.Start();

            using var connection = cluster.Superuser.Connect();
            cluster.TerminateBackends();
            using var command = new NpgsqlCommand("SELECT 1", connection);
            Assert.ThrowsAny<NpgsqlException>(() => command.ExecuteScalar());
        }

        Assert.Throws<NpgsqlException>(() => new PostgresLocation { Port = port, Database = "postgres", User = "postgres" }.Connect());
    }

    [Fact]
    public void A_location_is_read_as_it_is_written()
    {
        var location = new PostgresLocation { Host = "db", Port = 5433, Database = "a b", User = "u@x", Password = "p/:?" };

        Assert.Equal(location, PostgresLocation.Parse(location.ToString()) with { Settings = location.Settings });
        Assert.Equal(
            location,
            PostgresLocation.Parse("Host=db;Port=5433;Database=a b;Username=u@x;Password=p/:?") with { Settings = location.Settings });
    }

    private static string? Scalar(PostgresLocation location, string sql)
    {
        using var connection = location.Connect();
        using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
