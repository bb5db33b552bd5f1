namespace TaskQueue.Storage;

/// <summary>The table of the leases that somebody watches because nobody renews them.</summary>
/// <param name="dialect">The database's SQL.</param>
internal sealed class LeaseWatchTable(SqlDialect dialect)
{
    private readonly string _watches = dialect.Schema + ".lease_watch";

    public IReadOnlyList<LeaseSighting> Read(SqlSession session) => session.Rows(
        $"SELECT token, lease_expires_at, watched_ms, seen_at, boot, uptime_ms FROM {_watches}",
        row =>
        {
            var read = new NativeRow(row);
            return new LeaseSighting
            {
                Token = read.Identifier(0)!.Value,
                LeaseExpiresAt = read.Time(1) ?? DateTimeOffset.UnixEpoch,
                Watched = read.Duration(2) ?? TimeSpan.Zero,
                SeenAt = read.Time(3) ?? DateTimeOffset.UnixEpoch,
                Boot = read.OptionalText(4),
                Uptime = read.Duration(5) ?? TimeSpan.Zero,
            };
        });

    /// <summary>Keeps a sighting, unless the same lease was watched for longer.</summary>
    public void Put(SqlSession session, LeaseSighting sighting) => session.Write(
        $"""
        INSERT INTO {_watches} AS known (token, lease_expires_at, watched_ms, seen_at, boot, uptime_ms)
        VALUES ($token, $lease, $watched, $seen, $boot, $uptime)
        ON CONFLICT (token) DO UPDATE
        SET lease_expires_at = excluded.lease_expires_at, watched_ms = excluded.watched_ms, seen_at = excluded.seen_at,
            boot = excluded.boot, uptime_ms = excluded.uptime_ms
        WHERE known.lease_expires_at <> excluded.lease_expires_at OR known.watched_ms <= excluded.watched_ms
        """,
        ("$token", sighting.Token),
        ("$lease", sighting.LeaseExpiresAt.ToStored()),
        ("$watched", (long)Math.Ceiling(sighting.Watched.TotalMilliseconds)),
        ("$seen", sighting.SeenAt.ToStored()),
        ("$boot", sighting.Boot),
        ("$uptime", (long)sighting.Uptime.TotalMilliseconds));

    /// <summary>Deletes what belongs to claims that have ended.</summary>
    public void Prune(SqlSession session) => session.Write(
        $"""
        DELETE FROM {_watches}
        WHERE token NOT IN (SELECT claim_token FROM {dialect.Schema}.task{dialect.IndexHint("task_status")}
            WHERE status = 'running' AND claim_token IS NOT NULL)
        """);
}
