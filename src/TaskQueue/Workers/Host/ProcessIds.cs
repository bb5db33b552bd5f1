using System.Globalization;

namespace TaskQueue;

/// <summary>The ids of processes and threads in /proc, and signals that never reach a later process of the same id.</summary>
internal static class ProcessIds
{
    /// <summary>The ids that are folders of a folder; none if it cannot be read.</summary>
    public static List<int> In(string folder)
    {
        var ids = new List<int>();
        try
        {
            foreach (var entry in Directory.EnumerateDirectories(folder))
            {
                if (int.TryParse(Path.GetFileName(entry.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                {
                    ids.Add(id);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Without a /proc nothing can be found.
        }

        return ids;
    }

    /// <summary>Sends a signal to the process that is meant; false if there is none or it may not be sent.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="isMeant">Whether the process that has the id now is the one.</param>
    /// <param name="signal">The signal.</param>
    public static bool Signal(int id, Func<bool> isMeant, int signal)
    {
        var handle = LinuxCalls.OpenProcess(id);
        if (handle < 0)
        {
            return isMeant() && UnixCalls.Signal(id, signal);
        }

        try
        {
            // The id may have passed to another process before the handle was there: what the handle means is looked at again.
            return isMeant() && LinuxCalls.Signal(handle, signal);
        }
        finally
        {
            _ = LinuxCalls.Close(handle);
        }
    }
}
