using System.Diagnostics;

namespace TaskQueue.Storage;

/// <summary>
/// The queue on its server, also while that restarts: what a lost connection or another transaction has thwarted is done again within the
/// time-out, and a commit whose answer was lost is looked up before anything is repeated.
/// </summary>
/// <param name="server">The connections, which become this object's to give back.</param>
/// <param name="options">How the queue was opened.</param>
/// <param name="checkSql">Begins each transaction: fails if the layout is not the one expected. Null if any will do.</param>
/// <param name="verify">Throws what is to be told then.</param>
internal sealed class PostgresDatabase(PostgresServer server, StoreOptions options, string? checkSql, Func<PostgresSession, bool> verify)
    : IPostgresAccess
{
    // Two writers that make the same ids at the same moment collide once. More often is no coincidence.
    private const int MostCollisions = 10;

    // The server ends a statement by itself. This is the time for its answer to arrive.
    private static readonly TimeSpan AnswersWay = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private volatile bool _wasWritten;
    private int _isDisposed;

    public T Read<T>(Func<PostgresSession, T> work, CancellationToken cancellation) => Persist(
        () =>
        {
            using var session = Open(cancellation);
            session.BeginReading();
            return work(session);
        },
        cancellation);

    public T Write<T>(Func<PostgresSession, T> work, CancellationToken cancellation)
    {
        SettleEarlier(cancellation);
        return Persist(
            () =>
            {
                var receipt = server.Receipts.Take();
                using var session = Open(cancellation);
                session.BeginTransaction("ISOLATION LEVEL READ COMMITTED");
                InsistOnSafety(session, options);
                if (checkSql is not null)
                {
                    session.ReadLater(checkSql, _ => { });
                }

                var result = work(session);
                Commit(session, receipt, cancellation);
                // Not after an error: a transaction that may not have ended may still use it.
                server.Receipts.Return(receipt);
                _wasWritten = true;
                if (session.HasNews)
                {
                    server.News.Tell();
                }

                return result;
            },
            cancellation);
    }

    /// <summary>
    /// Enforced against settings of the server and the role: what is acknowledged is safe, and a warning that it may not be is heard. A
    /// stronger setting stays.
    /// </summary>
    public static void InsistOnSafety(PostgresSession session, StoreOptions options)
    {
        if (options.Durability is Durability.Full)
        {
            session.ReadLater(
                """
                SELECT set_config(weak.name, weak.instead, true)
                FROM (VALUES ('synchronous_commit', 'off', 'on'), ('client_min_messages', 'error', 'warning')) AS weak (name, value,
                    instead)
                WHERE current_setting(weak.name, true) = weak.value
                """,
                _ => { });
        }
    }

    /// <summary>See <see cref="PostgresSequences.Ensure"/>.</summary>
    public void EnsureSequences(CancellationToken cancellation) => Read(
        session =>
        {
            new PostgresSequences(server.Location).Ensure(session);
            return true;
        },
        cancellation);

    public void Dispose()
    {
        // Once only: the connections count their users.
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            server.Return();
        }
    }

    private PostgresSession Open(CancellationToken cancellation) => server.OpenSession(options.Time, cancellation);

    private T Persist<T>(Func<T> attempt, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var pause = TimeSpan.Zero;
        var collisions = 0;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return attempt();
            }
            catch (Exception error) when (PostgresErrors.IsLayoutRefused(error))
            {
                // If the layout is right by now, the work is done again.
                Read(verify, cancellation);
            }
            catch (Exception error) when (PostgresErrors.IsAboutServer(error))
            {
                server.LeaveAfter(error);
                cancellation.ThrowIfCancellationRequested();
                collisions += PostgresErrors.IsCollision(error) ? 1 : 0;
                if (PostgresErrors.IsNumberTaken(error))
                {
                    EnsureSequences(cancellation);
                }

                if (!IsPassing(error) || collisions > MostCollisions || Stopwatch.GetElapsedTime(started) >= options.Timeout)
                {
                    throw PostgresErrors.Translate(error, server.Location.Queue, options.Timeout);
                }
            }

            // The first time at once: it may only have been a stale connection.
            cancellation.WaitHandle.WaitOne(pause);
            pause = TimeSpan.FromMilliseconds(
                Math.Min((pause.TotalMilliseconds * 2) + Random.Shared.Next(1, 20), LongestPause.TotalMilliseconds));
        }
    }

    // A server that could be written, and cannot be now, is about to be replaced by another.
    private bool IsPassing(Exception error) => PostgresErrors.IsPassing(error) || (_wasWritten && PostgresErrors.IsReadOnly(error));

    private void Commit(PostgresSession session, PostgresReceipt receipt, CancellationToken cancellation)
    {
        var commit = new PostgresCommit(session.Commit(receipt), receipt, server, options);
        switch (commit.WaitFor(session.HasNoTimeLimit ? Timeout.InfiniteTimeSpan : options.Timeout + AnswersWay, cancellation))
        {
            case false:
                throw PostgresErrors.Lost(commit.Lost ?? new TimeoutException("The commit was not answered."));
            case null:
                server.Unanswered.Add(commit);
                throw PostgresErrors.OutcomeUnknown(server.Location.Queue, commit.Lost);
        }
    }

    private void SettleEarlier(CancellationToken cancellation)
    {
        if (server.Unanswered.TrySettle(options.Timeout, cancellation))
        {
            return;
        }

        cancellation.ThrowIfCancellationRequested();
        throw PostgresErrors.OutcomeStillUnknown(server.Location.Queue);
    }
}
