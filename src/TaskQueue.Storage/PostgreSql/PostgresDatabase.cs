using System.Diagnostics;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>
/// The queue on its server, also while that restarts: what a lost connection or another transaction has thwarted is done again within the
/// time-out, and a commit whose answer was lost is looked up before anything is repeated.
/// </summary>
/// <param name="server">The connections, which become this object's to give back.</param>
/// <param name="options">How the queue was opened.</param>
/// <param name="verify">Begins each transaction: throws if the layout is not the one expected.</param>
internal sealed class PostgresDatabase(PostgresServer server, StoreOptions options, Action<PostgresSession> verify) : IPostgresAccess
{
    // Two that make the same ids at the same moment meet once; more often it is no coincidence.
    private const int MostCollisions = 10;

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

    public T Write<T>(Func<PostgresSession, T> work, CancellationToken cancellation) => Persist(
        () =>
        {
            var receipt = server.Receipts.Take();
            using var session = Open(cancellation);
            session.BeginTransaction("ISOLATION LEVEL READ COMMITTED");
            if (options.Durability is Durability.Full)
            {
                // Whatever the server or the role says; a stronger setting than the usual one stays.
                session.ReadLater("SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit', true) = 'off'", _ => { });
            }

            verify(session);
            var result = work(session);
            Commit(session, receipt);
            // Not after an error: what is not known to have ended may still use it.
            server.Receipts.Return(receipt);
            _wasWritten = true;
            if (session.HasNews)
            {
                server.News.Tell();
            }

            return result;
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
            catch (Exception error) when (PostgresErrors.IsAboutServer(error))
            {
                server.LeaveAfter(error);
                cancellation.ThrowIfCancellationRequested();
                collisions += PostgresErrors.IsCollision(error) ? 1 : 0;
                if (!IsPassing(error) || collisions > MostCollisions || Stopwatch.GetElapsedTime(started) >= options.Timeout)
                {
                    throw PostgresErrors.Translate(error, server.Location.Queue, options.Timeout);
                }
            }

            // The first time at once: it may only have been an old connection.
            cancellation.WaitHandle.WaitOne(pause);
            pause = TimeSpan.FromMilliseconds(Math.Min((pause.TotalMilliseconds * 2) + Random.Shared.Next(1, 20), LongestPause.TotalMilliseconds));
        }
    }

    // A server that was written, and cannot be now, is one that is taking over.
    private bool IsPassing(Exception error) => PostgresErrors.IsPassing(error) || (_wasWritten && PostgresErrors.IsReadOnly(error));

    private void Commit(PostgresSession session, PostgresReceipt receipt)
    {
        try
        {
            session.Commit(receipt);
        }
        catch (Exception error) when (session.MayBeCommitted && PostgresErrors.IsConnectionLost(error))
        {
            // Its place in the pool may be the only one.
            session.Dispose();
            if (!WasCommitted(receipt, error))
            {
                throw;
            }
        }
    }

    private bool WasCommitted(PostgresReceipt receipt, Exception lost)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var connection = server.OpenConnection(CancellationToken.None);
                return receipt.WasCommitted(connection);
            }
            catch (Exception error) when ((PostgresErrors.IsPassing(error) || PostgresErrors.IsReadOnly(error)) && Stopwatch.GetElapsedTime(started) < options.Timeout)
            {
                // The server is on its way back.
                server.LeaveAfter(error);
                Thread.Sleep(Random.Shared.Next(10, 50));
            }
            catch (Exception)
            {
                throw new QueueUnavailableException(
                    $"The connection to '{server.Location.Queue}' was lost while a change was being committed, and the server could not be asked what became of it.",
                    "Look whether the change is there before you repeat the command.",
                    lost);
            }
        }
    }
}
