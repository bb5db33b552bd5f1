namespace TaskQueue.Storage;

/// <summary>
/// What a transaction sets on the server, as statements that go with its first round trip. The settings end with the transaction. They are
/// not options of the connection: poolers refuse those, or give the session that has them to another client.
/// </summary>
internal sealed class PostgresSettings
{
    private const string StatementTimeout = "statement_timeout";
    private const string IdleTimeout = "idle_in_transaction_session_timeout";
    // Came with version 17.
    private const string TransactionTimeout = "transaction_timeout";

    // What the server does not know is left out: another program than PostgreSQL, or an older version, may be there.
    private static readonly string[] OfTransactions =
        [StatementTimeout, "lock_timeout", IdleTimeout, "search_path", "enable_seqscan", "enable_bitmapscan", "jit"];

    private static readonly string[] OfLooseTransactions = [.. OfTransactions, "synchronous_commit"];

    private static readonly string[] OfConnections = ["tcp_keepalives_idle", "tcp_keepalives_interval"];

    /// <param name="options">How the queue was opened.</param>
    /// <param name="abilities">What the server can do.</param>
    public PostgresSettings(StoreOptions options, PostgresAbilities abilities)
    {
        IsPlain = abilities.IsPlain;
        var milliseconds = $"'{(long)Math.Clamp(options.Timeout.TotalMilliseconds, 1, int.MaxValue)}'";
        var names = options.Durability is Durability.Normal ? OfLooseTransactions : OfTransactions;
        ForTransaction = Sql(abilities, isLocal: true, names, name => name switch
        {
            // A host that loses its network, or sleeps, in the middle of a transaction must not keep its tasks locked against the others.
            StatementTimeout or "lock_timeout" or IdleTimeout => milliseconds,
            "search_path" => "'pg_catalog'",
            // Some of them keep a plan from reading the whole table: one that was made while the table was empty, and is kept while it
            // grows.
            _ => "'off'",
        });
        if (!abilities.IsPooled)
        {
            // For the connection: the server checks by itself whether the host is still there. Setting them again costs nothing.
            ForTransaction = Sql(
                abilities, isLocal: false, OfConnections, name => name == "tcp_keepalives_idle" ? "'10'" : "'5'", ForTransaction);
        }

        ForLongStatement = Sql(abilities, isLocal: true, [StatementTimeout, TransactionTimeout], _ => "'0'");
        ForLongTransaction = Sql(abilities, isLocal: true, [IdleTimeout, TransactionTimeout], _ => "'0'");
    }

    /// <summary>All the names there may be.</summary>
    public static IEnumerable<string> Names => [.. OfLooseTransactions, .. OfConnections, TransactionTimeout];

    /// <inheritdoc cref="PostgresAbilities.IsPlain"/>
    public bool IsPlain { get; }

    /// <summary>To be run first.</summary>
    public string ForTransaction { get; }

    /// <summary>Lets statements take as long as they take.</summary>
    public string ForLongStatement { get; }

    /// <summary>Lets a transaction stay open for as long as it takes, also between its statements.</summary>
    public string ForLongTransaction { get; }

    /// <summary>A statement that sets those of the settings that the server has.</summary>
    private static string Sql(
        PostgresAbilities abilities, bool isLocal, IEnumerable<string> names, Func<string, string> value, string before = "SELECT 1") =>
        names.Where(abilities.KnownSettings.Contains).Aggregate(
            before, (sql, name) => $"{sql}, pg_catalog.set_config('{name}', {value(name)}, {(isLocal ? "true" : "false")})");
}
