using System.Diagnostics;

namespace TaskQueue.Storage;

/// <summary>
/// A commit from when it was sent until it is known what became of it. Only what the server says without a warning counts as committed:
/// then the synchronous standbys have it too. Otherwise the receipt is asked for, by a transaction that waits for the same standbys.
/// </summary>
/// <param name="answer">See <see cref="PostgresSession.Commit()"/>.</param>
/// <param name="receipt">What the transaction left, nobody else's until it is known.</param>
/// <param name="server">The connections.</param>
/// <param name="options">How the queue was opened.</param>
internal sealed class PostgresCommit(Task<bool> answer, PostgresReceipt receipt, PostgresServer server, StoreOptions options)
{
    // A caller that cancels must not be told of an unknown outcome if the answer is already on its way.
    private static readonly TimeSpan LastMoment = TimeSpan.FromSeconds(2);

    // Whatever still holds the receipt after this time is waiting for a standby, or for a disk.
    private static readonly TimeSpan LongestLock = TimeSpan.FromSeconds(2);

    // A connection that was cut gives neither a sign nor an answer.
    private static readonly TimeSpan Overdue = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private bool _isOverdue;
    private bool? _isCommitted;

    /// <summary>What happened in place of an answer.</summary>
    public Exception? Lost { get; private set; }

    /// <summary>Waits until it is known what became of it.</summary>
    /// <param name="longest">How long to wait for the answer.</param>
    /// <param name="cancellation">Ends the waiting, never the commit.</param>
    /// <returns>True: committed. False: it never will be. Null: nobody can say yet.</returns>
    public bool? WaitFor(TimeSpan longest, CancellationToken cancellation)
    {
        lock (_gate)
        {
            // The first answer may take its time. Later looks come soon after each other.
            var started = Stopwatch.GetTimestamp();
            do
            {
                _isCommitted ??= HasCome(answer, _isOverdue ? Overdue : longest, cancellation) && IsConfirmed() ? true : Ask(cancellation);
                _isOverdue = true;
            }
            while (_isCommitted is null && Stopwatch.GetElapsedTime(started) < longest && !cancellation.IsCancellationRequested);

            return _isCommitted;
        }
    }

    private static bool HasCome(Task answer, TimeSpan longest, CancellationToken cancellation)
    {
        try
        {
            return Task.WaitAny([answer], (int)longest.TotalMilliseconds, cancellation) == 0;
        }
        catch (OperationCanceledException)
        {
            return Task.WaitAny([answer], LastMoment) == 0;
        }
    }

    /// <summary>False if the answer does not say that all is safe. Throws the server's error against the transaction.</summary>
    private bool IsConfirmed()
    {
        try
        {
            return answer.GetAwaiter().GetResult();
        }
        catch (Exception error) when (PostgresErrors.LeavesCommitOpen(error))
        {
            Lost = error;
            return false;
        }
    }

    private bool? Ask(CancellationToken cancellation)
    {
        for (var started = Stopwatch.GetTimestamp(); !cancellation.IsCancellationRequested; cancellation.WaitHandle.WaitOne(
            Random.Shared.Next(10, 50)))
        {
            try
            {
                if (AskOnce(options.Timeout - Stopwatch.GetElapsedTime(started), cancellation) is { } wasCommitted)
                {
                    receipt.PassBarrier();
                    return wasCommitted;
                }
            }
            catch (Exception error) when (PostgresErrors.IsPassing(error) || PostgresErrors.IsReadOnly(error))
            {
                // The server is coming back, or another one takes its place.
                server.LeaveAfter(error);
            }
            catch (Exception error) when (PostgresErrors.IsAboutServer(error))
            {
                // Something still holds the receipt, or the user may no longer ask.
                return null;
            }

            if (Stopwatch.GetElapsedTime(started) >= options.Timeout)
            {
                break;
            }
        }

        return null;
    }

    /// <summary>Null if the answer to the question is not safe either.</summary>
    private bool? AskOnce(TimeSpan longest, CancellationToken cancellation)
    {
        // A connection of its own: those of the pool may all be waiting for the same standby.
        using var session = server.OpenSessionApart(options.Time);
        session.BeginTransaction("ISOLATION LEVEL READ COMMITTED");
        PostgresDatabase.InsistOnSafety(session, options);
        session.ReadLater($"SELECT set_config('lock_timeout', '{(long)LongestLock.TotalMilliseconds}', true)", _ => { });
        var wasCommitted = false;
        receipt.Ask(session, was => wasCommitted = was);
        var ownAnswer = session.Commit();
        return HasCome(ownAnswer, longest > LongestLock ? longest : LongestLock, cancellation) && ownAnswer.GetAwaiter().GetResult()
            ? wasCommitted
            : null;
    }
}
