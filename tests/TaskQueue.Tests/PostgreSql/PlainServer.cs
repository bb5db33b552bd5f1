using TaskQueue.TestPostgres;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>
/// A real PostgreSQL that answers like a program which only speaks its language: the functions of its administration have other names in
/// the database of the queues, so that whoever calls them is told that there are none.
/// </summary>
internal static class PlainServer
{
    private static readonly Lazy<PostgresCluster> TheCluster = new(Make);

    /// <summary>The server, which the tests of this process share; skips the test if there is none to be had.</summary>
    public static PostgresCluster Shared => TheCluster.Value;

    /// <summary>Where a queue can be made that no other test uses.</summary>
    public static PostgresLocation NewQueue() => Shared.NewQueue();

    private static PostgresCluster Make()
    {
        // Its guardian sees this process end, and does the rest by itself.
        var cluster = PostgresCluster.Start(new() { Settings = ["max_connections = 300"] });
        cluster.Execute(
            """
            DO $$
            DECLARE hidden record;
            BEGIN
                FOR hidden IN
                    SELECT oid::regprocedure AS signature, proname AS name FROM pg_proc
                    WHERE pronamespace = 'pg_catalog'::regnamespace AND (
                        proname ~ '^pg_(try_)?advisory_' OR proname ~ '^pg_.*_size$' OR proname ~ '^(pg_current_xact|txid_|pg_xact_status|pg_current_snapshot|pg_snapshot_|pg_current_wal)'
                        OR proname IN ('pg_notify', 'pg_listening_channels', 'pg_has_role', 'pg_is_in_recovery', 'hashtextextended', 'pg_get_serial_sequence', 'pg_sequence_last_value'))
                LOOP
                    EXECUTE format('ALTER FUNCTION %s RENAME TO %I', hidden.signature, 'hidden_' || hidden.name);
                END LOOP;
            END $$
            """);
        return cluster;
    }
}
