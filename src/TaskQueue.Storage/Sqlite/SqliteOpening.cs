using Microsoft.Data.Sqlite;

namespace TaskQueue.Storage;

/// <summary>
/// Opens the queue in a SQLite file, whichever layout it has: one connection, on which the layout is looked at once. It makes the queue and
/// upgrades it where that is asked for. The connection becomes the store's first one.
/// </summary>
/// <param name="path">A canonical path; see <see cref="SqliteFile.Canonical"/>.</param>
/// <param name="options">How it is to be opened.</param>
/// <param name="schema">The native layout, as this product knows it.</param>
internal sealed class SqliteOpening(string path, StoreOptions options, SqliteSchema schema)
{
    private readonly SqliteBusy _busy = new(path, options.Timeout, options.Cancellation);

    /// <summary>Opens the queue.</summary>
    /// <exception cref="QueueNotFoundException">There is none, and <see cref="StoreOptions.Create"/> was not asked for.</exception>
    /// <exception cref="QueueFormatException">It is no queue, is damaged, or has a layout that this product does not know.</exception>
    /// <exception cref="QueueUnavailableException">It is locked, cannot be read, or needs recovery.</exception>
    public ITaskStore Open() => Open(takesOlder: false);

    /// <summary>Opens a backup to read it. It may have an older layout: the backup that an upgrade makes has one.</summary>
    public ITaskStore OpenBackup() => Open(takesOlder: true);

    /// <summary>
    /// Rolls back what a dead writer left, and upgrades an older layout after a backup. Changes nothing in a queue that is in order.
    /// </summary>
    public void PrepareForWriting() => Translating(() =>
    {
        if (!SqliteWriters.AreReady(path))
        {
            using var session = Connect(writable: true);
            BringUpToDate(session, takesOlder: false);
        }

        return true;
    });

    private ITaskStore Open(bool takesOlder) => Translating<ITaskStore>(() =>
    {
        var session = Connect(options.ForWriting || options.Create);
        int? version;
        try
        {
            if (options.Create)
            {
                MakeIfBlank(session);
            }

            version = BringUpToDate(session, takesOlder);
        }
        catch
        {
            session.Dispose();
            throw;
        }

        // From here on the connection belongs to the store, even if the store cannot be made.
        return version is { } own
            ? new SqliteTaskStore(path, options, new SqliteSchema(schema.Versions.UpTo(own)), session)
            : new OriginalTaskStore(path, options, session);
    });

    private SqliteSession Connect(bool writable)
    {
        // The log of a file that was moved away lies beside the file that is there now.
        SqliteWriters.LeaveMovedFile(path, options.Cancellation);
        if (options.Create && !Directory.Exists(path))
        {
            SqliteFile.CreateFolderOf(path);
            SqliteFile.CreateOwnerOnlyIfMissing(path);
        }
        else
        {
            SqliteFile.EnsureQueueFile(path);
        }

        return _busy.Run(() => SqliteSession.Open(path, writable));
    }

    /// <summary>Makes the queue in an empty file, or in a database without anything in it.</summary>
    private void MakeIfBlank(SqliteSession session)
    {
        if (!_busy.Run(() => IsBlank(session)))
        {
            return;
        }

        // This commits a first, empty page by itself. A process that comes in between, or a death at this point, finds a file that can be
        // continued.
        _busy.Run(() => session.ExecuteScript("PRAGMA auto_vacuum = INCREMENTAL"));
        _busy.Transact(session, "BEGIN EXCLUSIVE", () =>
        {
            // Another process may have made the queue since the first look.
            if (IsBlank(session))
            {
                schema.Make(session);
            }
        });
    }

    private static bool IsBlank(SqliteSession session) =>
        session.Number("SELECT COUNT(*) FROM sqlite_schema") == 0 && session.Number("PRAGMA application_id") == 0;

    /// <summary>The version of the native layout, upgraded where that is asked for; null for a file of the original's.</summary>
    private int? BringUpToDate(SqliteSession session, bool takesOlder)
    {
        // A connection that may write rolls back what a dead writer left, when it reads for the first time.
        var version = _busy.Run(() => VersionOf(session));
        if (version is null || version == schema.Versions.Newest || takesOlder)
        {
            return version;
        }

        if (!options.ForWriting)
        {
            throw LayoutVersions.Older(path);
        }

        Upgrade(session);
        return schema.Versions.Newest;
    }

    // Automatic backups of the original's file carry our mark. So the tables decide first.
    private int? VersionOf(SqliteSession session) => OriginalTaskTable.IsIn(session) ? null : schema.VersionOf(session, path);

    private void Upgrade(SqliteSession session)
    {
        SqliteFile.EnsureWritable(path);
        _busy.Transact(session, "BEGIN IMMEDIATE", () =>
        {
            // Another process may have upgraded the file before this one had the lock, to this layout or a newer one.
            var version = schema.VersionOf(session, path);
            if (version < schema.Versions.Newest)
            {
                // Under the lock too, so that the backup holds all that was ever written in the older layout.
                var backup = BackupNaming.Resolve(path, null, SqliteClock.Now(options).ToLocalTime());
                SqliteTaskStore.BackupOf(path, options).Make(backup with { IsAutomatic = true }, options.Cancellation);
                schema.Upgrade(session, version);
            }
        });
    }

    private T Translating<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Translate(error, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new QueueUnavailableException(
                $"'{path}' cannot be used: {error.Message}", "Check the path and the access rights.", error);
        }
    }
}
