using System.Net.Sockets;
using Npgsql;

namespace TaskQueue.Storage;

/// <summary>The one place where PostgreSQL's errors become ours. Npgsql's messages name hosts and users, never passwords.</summary>
internal static class PostgresErrors
{
    /// <summary>True for an error of the database or of the way to it.</summary>
    public static bool IsAboutServer(Exception error) => error is NpgsqlException or SocketException or IOException || IsOutOfStep(error);

    /// <summary>
    /// True if the server and the connection are out of step. Either an answer came that Npgsql did not expect, and it throws a bare <see
    /// cref="Exception"/>; or a prepared statement is not what it was, as behind a pooler.
    /// </summary>
    public static bool IsOutOfStep(Exception error) =>
        error.GetType() == typeof(Exception)
            || HasLostStatement(error)
            || error is PostgresException { SqlState: PostgresErrorCodes.ProtocolViolation };

    /// <summary>
    /// True if the server does not have the prepared statements that its session was given: the session is another one than before.
    /// </summary>
    public static bool HasLostStatement(Exception error) => error is PostgresException
    {
        SqlState: PostgresErrorCodes.InvalidSqlStatementName or PostgresErrorCodes.DuplicatePreparedStatement,
    };

    /// <summary>A lost connection, instead of an error that left the connection unusable.</summary>
    public static IOException Lost(Exception error) => new($"The connection was lost: {error.Message}", error);

    /// <summary>True if the connection is gone, or the server is not there: what was under way may or may not have failed.</summary>
    public static bool IsConnectionLost(Exception error) => error switch
    {
        _ when IsOutOfStep(error) => true,
        PostgresException { SqlState: var state } => state.StartsWith("08", StringComparison.Ordinal) || IsIntervention(state),
        NpgsqlException { InnerException: SocketException or IOException or TimeoutException } => !IsPoolExhausted(error),
        _ => error is SocketException or IOException,
    };

    // Class 57: whoever runs the server, or the server itself, ends what was under way.
    private static bool IsIntervention(string state) =>
        state.StartsWith("57", StringComparison.Ordinal) && state is not PostgresErrorCodes.QueryCanceled;

    /// <summary>
    /// True if a commit may have taken place although this error came instead of its answer: whatever ends the session may come before the
    /// commit or after it.
    /// </summary>
    public static bool LeavesCommitOpen(Exception error) =>
        IsConnectionLost(error) || error is PostgresException { InvariantSeverity: "FATAL" or "PANIC" };

    /// <summary>True if none of several servers is there, or none is of the wanted kind, as while one takes over.</summary>
    public static bool IsWithoutServer(Exception error) => error switch
    {
        NpgsqlException { InnerException: AggregateException all } =>
            all.InnerExceptions.All(one => IsConnectionLost(one) || IsServersOwnPause(one)),
        NpgsqlException { InnerException: null } and not PostgresException =>
            error.Message.StartsWith("No suitable host", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>True if the same may well succeed a moment later.</summary>
    public static bool IsPassing(Exception error) =>
        IsConnectionLost(error)
            || IsWithoutServer(error)
            || IsCollision(error)
            || error is PostgresException { SqlState: PostgresErrorCodes.TooManyConnections or IdleInTransactionTimeout };

    /// <summary>True if the server takes no writes: a standby, perhaps one that is just taking over.</summary>
    public static bool IsReadOnly(Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };

    /// <summary>
    /// True if the server itself says that it is only starting, stopping or full just now, or ends a session that it gave.
    /// </summary>
    public static bool IsServersOwnPause(Exception error) => error is PostgresException { SqlState: var state }
        && (state is PostgresErrorCodes.TooManyConnections || IsIntervention(state));

    /// <summary>True if the server asks for a password, and none was given.</summary>
    public static bool IsPasswordMissing(Exception error) =>
        error is NpgsqlException && error.Message.StartsWith("No password has been provided", StringComparison.Ordinal);

    /// <summary>True if another transaction was in the way: the whole transaction is to be repeated.</summary>
    public static bool IsCollision(Exception error) => error is PostgresException
    {
        SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.UniqueViolation
            or PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateSchema,
    };

    /// <summary>True if the number of a row was taken, which a sequence gives but once.</summary>
    public static bool IsNumberTaken(Exception error) => error is PostgresException
    {
        SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "task_pkey" or "trash_pkey" or "operation_pkey" or "event_pkey",
    };

    public static TaskQueueException Translate(Exception error, string queue, TimeSpan timeout) => error switch
    {
        TaskQueueException known => known,
        // What one of several servers says about the user or the database is more useful than that another one is not there.
        NpgsqlException { InnerException: AggregateException { InnerExceptions: var all } } when all
            .OfType<PostgresException>()
            .FirstOrDefault() is { } said => Translate(said, queue, timeout),
        NpgsqlException { InnerException: AggregateException { InnerExceptions: var all } } => new QueueUnavailableException(
            $"None of the servers of '{queue}' can be reached: "
                + string.Join("; ", all.Select(one => (one.InnerException ?? one).Message.TrimEnd('.')).Distinct())
                + ".",
            "Check that one of them runs, and that hosts and ports are right.",
            error),
        _ when IsWithoutServer(error) => new QueueUnavailableException(
            $"None of the servers of '{queue}' is of the kind that is wanted, such as a primary that takes writes.",
            "Try again once one of them has taken over, or name another kind with target_session_attrs.",
            error),
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName
            or PostgresErrorCodes.InvalidCatalogName } => NotFound(queue, error),
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword
            or PostgresErrorCodes.InvalidAuthorizationSpecification } refused => new QueueUnavailableException(
            $"The server of '{queue}' refused the user: {refused.MessageText}.",
            new Advice.GiveCredential(WasRefused: true),
            error),
        _ when IsPasswordMissing(error) => new QueueUnavailableException(
            $"The server of '{queue}' asks for a password, and none was given.",
            new Advice.GiveCredential(WasRefused: false),
            error),
        NpgsqlException { Message: var message } when message.StartsWith("SSL connection requested", StringComparison.Ordinal) =>
            new QueueUnavailableException(
                $"The server of '{queue}' has no TLS, and the location asks for it.",
                "Turn TLS on at the server, or name another sslmode in the location.", error),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } denied when denied.MessageText.Contains(
            "for database", StringComparison.Ordinal) => new QueueUnavailableException(
            $"The user may not make a queue in the database of '{queue}': {denied.MessageText}.",
            "Its owner gives the right with: GRANT CREATE ON DATABASE name TO user", error),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } denied => new QueueUnavailableException(
            $"The user may not do this on '{queue}': {denied.MessageText}.",
            "Ask the owner of the queue's schema for the right; README lists what each kind of user needs.", error),
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => new QueueUnavailableException(
            $"'{queue}' cannot be written: the server is a standby, or read-only.",
            "Name the primary server, or try again once it can be written.", error),
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.LockNotAvailable } =>
            new QueueUnavailableException(
                $"'{queue}' did not finish a statement within {Duration.Format(timeout)}: it is busy, or another session holds a lock.",
                new Advice.WaitLonger(timeout),
                error),
        _ when IsCollision(error) => new QueueUnavailableException(
            $"'{queue}': other sessions changed the same tasks at the same moment, again and again.", "Try again; nothing was written.",
            error),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new QueueUnavailableException(
            $"The disk of the server of '{queue}' is full. Nothing was written.", "Free some space on the server, then try again.", error),
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } => new QueueUnavailableException(
            $"The server of '{queue}' has no connection left.",
            "End sessions that are not needed, raise max_connections, or give this process fewer with 'Maximum Pool Size'.", error),
        PostgresException known =>
            new QueueUnavailableException($"'{queue}' cannot be used: {known.MessageText} ({known.SqlState}).", null, error),
        _ when IsPoolExhausted(error) => new QueueUnavailableException(
            $"All connections of this process to '{queue}' are in use.",
            "Do less at the same time, or raise 'Maximum Pool Size' in the location.", error),
        _ => new QueueUnavailableException(
            $"The server of '{queue}' cannot be reached: {(error.InnerException ?? error).Message.TrimEnd('.')}.",
            "Check that the server runs and that host and port are right.",
            error),
    };

    /// <summary>A commit whose outcome is not known.</summary>
    public static OutcomeUnknownException OutcomeUnknown(string queue, Exception? inner) => new(
        $"What became of a change of '{queue}' is not known: it was sent to be committed, and the server did not confirm it.",
        "Look whether the change is there before you try again. If a standby that has to confirm each commit is away, bring it "
            + "back or take it out of "
        + "synchronous_standby_names; until then others may see the change, and a failover may lose it.",
        inner);

    /// <summary>The same, told to whoever wants to write next.</summary>
    public static QueueUnavailableException OutcomeStillUnknown(string queue) => new(
        $"'{queue}' takes no change of this process now: an earlier one is still being committed. Nothing was written.",
        "Try again once the server has confirmed it. A standby that has to confirm each commit may be away: "
            + "bring it back, or take it out of synchronous_standby_names.");

    /// <summary>True if <see cref="PostgresSchema.CheckSql"/> has failed: nothing else of ours divides.</summary>
    public static bool IsLayoutRefused(Exception error) => error is PostgresException { SqlState: PostgresErrorCodes.DivisionByZero };

    /// <summary>A claim was committed, and nothing is left that it has claimed.</summary>
    public static QueueUnavailableException ClaimUnanswered(string queue) => new(
        $"The connection to '{queue}' was lost before a claim was answered, and no task is left of it.", "Try again.");

    public static QueueNotFoundException NotFound(string queue, Exception? inner = null) => new(
        $"There is no queue at '{queue}'.",
        new Advice.CreateQueueOnServer(DatabaseIsMissing: inner is PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName }),
        inner);

    private const string IdleInTransactionTimeout = "25P03";

    // The pool's own error has a time-out inside and no code. Only its text tells it apart.
    private static bool IsPoolExhausted(Exception error) =>
        error is NpgsqlException { InnerException: TimeoutException }
            && error.Message.Contains("pool has been exhausted", StringComparison.Ordinal);
}
