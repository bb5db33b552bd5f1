using System.Diagnostics;
using Npgsql;

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
            using var session = Open(cancellation);
            session.BeginTransaction("ISOLATION LEVEL READ COMMITTED");
            session.TrackTransaction();
            verify(session);
            var result = work(session);
            try
            {
                session.Commit();
            }
            catch (Exception error) when (session.MayBeCommitted && PostgresErrors.IsConnectionLost(error))
            {
                if (!WasCommitted(session.Transaction!, error))
                {
                    throw;
                }
            }

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

    private PostgresSession Open(CancellationToken cancellation) => new(
        cancellation.CanBeCanceled ? server.Source.OpenConnectionAsync(cancellation).AsTask().GetAwaiter().GetResult() : server.Source.OpenConnection(),
        options.Time,
        cancellation);

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
                cancellation.ThrowIfCancellationRequested();
                collisions += PostgresErrors.IsCollision(error) ? 1 : 0;
                if (!PostgresErrors.IsPassing(error) || collisions > MostCollisions || Stopwatch.GetElapsedTime(started) >= options.Timeout)
                {
                    throw PostgresErrors.Translate(error, server.Location.Queue, options.Timeout);
                }
            }

            // The first time at once: it may only have been an old connection.
            cancellation.WaitHandle.WaitOne(pause);
            pause = TimeSpan.FromMilliseconds(Math.Min((pause.TotalMilliseconds * 2) + Random.Shared.Next(1, 20), LongestPause.TotalMilliseconds));
        }
    }

    private bool WasCommitted(PostgresTransaction transaction, Exception lost)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var connection = server.Source.OpenConnection();
                if (transaction.WasCommitted(connection, server.Location.Queue) is { } known)
                {
                    return known;
                }
            }
            catch (Exception error) when (PostgresErrors.IsPassing(error))
            {
                // The server is on its way back.
            }
            catch (NpgsqlException error)
            {
                throw PostgresTransaction.Unknown(server.Location.Queue, error);
            }

            if (Stopwatch.GetElapsedTime(started) >= options.Timeout)
            {
                throw PostgresTransaction.Unknown(server.Location.Queue, lost);
            }

            Thread.Sleep(Random.Shared.Next(10, 50));
        }
    }
}
