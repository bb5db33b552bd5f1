using System.Collections.Concurrent;
using Npgsql;

namespace TaskQueue.Storage;

/// <summary>
/// Prepares statements that come again, so that the server plans each of them once for a connection. It does so explicitly, in a round trip
/// of its own before a connection's first use of them.
/// </summary>
/// <remarks>
/// Npgsql's automatic preparation sends a statement's preparation together with its run. If the server refuses the run (a standby, a right
/// that is missing), Npgsql takes the statement for prepared and does not know which columns it has. The connection's next use is then out
/// of step.
/// </remarks>
/// <param name="most">How many statements at most; 0 where the location turned preparing off.</param>
internal sealed class PostgresPreparation(int most)
{
    // Statements are cached as they are sent (PostgresStatement): the same text is the same object.
    private readonly ConcurrentDictionary<string, Statement> _statements = new(ReferenceEqualityComparer.Instance);
    private int _count;
    private volatile bool _isOff;

    /// <summary>
    /// Nothing is prepared any more: behind a pooler the next transaction may meet another session, which does not know what was prepared.
    /// </summary>
    public void TurnOff() => _isOff = true;

    /// <summary>Prepares nothing, as for a connection that serves once.</summary>
    public static PostgresPreparation None { get; } = new(0);

    /// <summary>Prepares the batch, unless one of its statements is new: most of what is sent once is never sent again.</summary>
    public void Prepare(NpgsqlBatch batch, CancellationToken cancellation)
    {
        var comeAgain = most > 0 && !_isOff;
        foreach (var command in batch.BatchCommands)
        {
            // All of them are counted.
            comeAgain &= ComesAgain(command.CommandText);
        }

        if (!comeAgain)
        {
            return;
        }

        if (cancellation.CanBeCanceled)
        {
            batch.PrepareAsync(cancellation).GetAwaiter().GetResult();
        }
        else
        {
            batch.Prepare();
        }
    }

    private bool ComesAgain(string text)
    {
        var statement = _statements.GetOrAdd(text, static _ => new Statement());
        if (!statement.IsPrepared && Interlocked.Increment(ref statement.Uses) == 2 && Interlocked.Increment(ref _count) <= most)
        {
            statement.IsPrepared = true;
        }

        return statement.IsPrepared;
    }

    private sealed class Statement
    {
        public int Uses;
        public volatile bool IsPrepared;
    }
}
