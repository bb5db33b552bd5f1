namespace TaskQueue.Storage;

/// <summary>The writers of this process: one for each file and durability, shared by whoever writes it.</summary>
internal static class SqliteWriters
{
    private static readonly Lock Registry = new();
    private static readonly Dictionary<(string Path, Durability Durability), (SqliteWriter Writer, int Users)> Writers = [];

    /// <summary>The writer of the profile's file. To be given back with <see cref="Return"/>.</summary>
    public static SqliteWriter Rent(SqliteWriterProfile profile)
    {
        lock (Registry)
        {
            var key = (profile.Path, profile.Durability);
            var (writer, users) = Writers.TryGetValue(key, out var known) ? known : (new SqliteWriter(profile), 0);
            Writers[key] = (writer, users + 1);
            return writer;
        }
    }

    /// <summary>Gives a writer back; the last one closes the file.</summary>
    public static void Return(SqliteWriter writer)
    {
        lock (Registry)
        {
            var key = (writer.Profile.Path, writer.Profile.Durability);
            var users = Writers[key].Users - 1;
            if (users > 0)
            {
                Writers[key] = (writer, users);
                return;
            }

            Writers.Remove(key);
        }

        writer.Dispose();
    }

    /// <summary>
    /// Makes the writers of a file let go of what they have open if <paramref name="path"/> names another file now. To be called before
    /// that one is opened: the log of the former file lies beside it.
    /// </summary>
    public static void LeaveMovedFile(string path, CancellationToken cancellation)
    {
        foreach (var writer in Of(path))
        {
            writer.LeaveMovedFile(cancellation);
        }
    }

    /// <summary>True if one of them can write the file at once, so that nothing need be done before.</summary>
    public static bool AreReady(string path) => Of(path).Any(writer => writer.IsReady());

    private static List<SqliteWriter> Of(string path)
    {
        lock (Registry)
        {
            return [.. Writers.Where(entry => entry.Key.Path == path).Select(entry => entry.Value.Writer)];
        }
    }
}
