using System.Diagnostics;

namespace TaskQueue.Storage;

/// <summary>Opens queues on servers, makes them, and brings them to the current layout.</summary>
/// <param name="location">Where the queue is.</param>
/// <param name="options">How it is to be opened.</param>
/// <param name="versions">The versions of the layout that this product knows; the queue is brought to the newest.</param>
/// <param name="backups">The folder for the backup before an upgrade; null for that of all automatic ones.</param>
internal sealed class PostgresOpening(ServerLocation location, StoreOptions options, LayoutVersions versions, string? backups = null)
{
    // Older ones lack pg_current_snapshot and pg_current_xact_id_if_assigned, and are not tested. What only speaks PostgreSQL's language
    // says that it is at least that.
    private const int OldestServer = 13;

    private readonly PostgresSchema _schema = new(location.Schema, versions);

    /// <summary>Opens the queue.</summary>
    /// <exception cref="QueueNotFoundException">There is none, and <see cref="StoreOptions.Create"/> was not asked for.</exception>
    /// <exception cref="QueueFormatException">The schema belongs to another program, or has a layout that this product does not
    /// know.</exception>
    /// <exception cref="QueueUnavailableException">The server cannot be reached, or refuses the user.</exception>
    public PostgresTaskStore Open()
    {
        var server = PostgresServer.Rent(location, options);
        try
        {
            Reach(server);
            var database = new PostgresDatabase(server, options, _schema.CheckSql, Verify);
            var version = Version(database);
            if (version is null && !options.Create)
            {
                throw PostgresErrors.NotFound(location.Queue);
            }

            if (version is null || (version < _schema.Newest && options.ForWriting))
            {
                Apply(server);
            }
            else if (version < _schema.Newest)
            {
                throw LayoutVersions.Older(location.Queue);
            }

            if (options.ForWriting)
            {
                database.EnsureSequences(options.Cancellation);
            }

            return new PostgresTaskStore(location, options, _schema.Newest, database, server);
        }
        catch
        {
            server.Return();
            throw;
        }
    }

    private int? Version(PostgresDatabase database) =>
        database.Read(session => _schema.VersionOf(session, location.Queue), options.Cancellation);

    private void Apply(PostgresServer server)
    {
        // Without a check of the layout, which is about to be made.
        var database = new PostgresDatabase(server, options, checkSql: null, Verify);
        database.Write(
            session =>
            {
                // The backup before an upgrade, and the upgrade of a large queue, may take any time.
                session.LiftTimeLimit();
                session.LetStayOpen();
                _schema.Apply(session, location.Queue, server.Abilities.IsPlain, version => BackUp(server, version));
                return true;
            },
            options.Cancellation);
    }

    // Under the lock, so that the backup holds all that was ever written in the older layout.
    private void BackUp(PostgresServer server, int version)
    {
        var backup = BackupNaming.Resolve(location.Queue, backups, SqliteClock.Now(options).ToLocalTime());
        new PostgresBackup(location, options, version, server).Make(backup with { IsAutomatic = true }, options.Cancellation);
    }

    /// <summary>The first contact: a server that says that it is starting is waited for. One that does not answer is not.</summary>
    private void Reach(PostgresServer server)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var connection = server.OpenConnection(options.Cancellation);
                server.Learn(connection);
                var version = server.Abilities.ServerVersion;
                if (version.Major < OldestServer)
                {
                    throw new QueueFormatException(
                        $"The server of '{location.Queue}' runs PostgreSQL {version}.", $"Use PostgreSQL {OldestServer} or later.");
                }

                return;
            }
            catch (Exception error) when (
                (PostgresErrors.IsServersOwnPause(error) || PostgresErrors.IsWithoutServer(error))
                    && Stopwatch.GetElapsedTime(started) < options.Timeout)
            {
                options.Cancellation.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(100));
            }
            catch (Exception error) when (PostgresErrors.IsAboutServer(error))
            {
                throw PostgresErrors.Translate(error, location.Queue, options.Timeout);
            }
        }
    }

    /// <summary>Says why a transaction was refused: another version of the product has upgraded the queue since it was opened.</summary>
    private bool Verify(PostgresSession session) =>
        _schema.VersionOf(session.Number(_schema.StoredNumberSql), location.Queue) == _schema.Newest
            ? true
            : throw new QueueUnavailableException($"'{location.Queue}' was replaced by a queue of an older layout.", "Try again.");
}
