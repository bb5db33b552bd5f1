namespace TaskQueue.Storage;

/// <summary>
/// The native layout in a SQLite file. The file's <c>application_id</c> says that it is ours, its <c>user_version</c> which version of the
/// layout it has (<see cref="LayoutVersions.StoredNumber"/>).
/// </summary>
internal sealed class SqliteSchema(LayoutVersions versions)
{
    /// <summary>"TQPS" in ASCII.</summary>
    public const long ApplicationId = 0x54515053;

    public static readonly SqliteSchema Current = new(LayoutVersions.Of("Sqlite"));

    public LayoutVersions Versions => versions;

    /// <summary>The version of the file's layout.</summary>
    /// <exception cref="QueueFormatException">It is another program's, or this product does not know its layout.</exception>
    public int VersionOf(SqliteSession session, string path)
    {
        var application = session.Number("PRAGMA application_id");
        var stored = session.Number("PRAGMA user_version");
        return application == ApplicationId || BackupMark.Is(application)
            ? versions.VersionOf(stored, path)
            : throw SqliteErrors.NotAQueue(path, "the database belongs to another program");
    }

    /// <summary>Makes the tables of a new queue in the present transaction.</summary>
    public void Make(SqliteSession session)
    {
        Upgrade(session, 0);
        session.ExecuteScript($"PRAGMA application_id = {ApplicationId}");
    }

    /// <summary>Brings the file from a version to the newest one in the present transaction.</summary>
    public void Upgrade(SqliteSession session, int from)
    {
        foreach (var step in versions.Steps.Skip(from))
        {
            session.ExecuteScript(step.Sql);
        }

        session.ExecuteScript($"PRAGMA user_version = {LayoutVersions.StoredNumber(versions.Newest)}");
    }
}
