namespace TaskQueue.Storage;

/// <summary>
/// Tells of writes to files of one folder, without opening them. Where the system cannot or will not (no support, too many watchers,
/// a network share), it is silent: whoever listens must look by himself from time to time.
/// </summary>
/// <param name="paths">The files; they need not be there yet.</param>
/// <param name="happened">Called on any thread, also once too often.</param>
internal sealed class FileEvents(IReadOnlyList<string> paths, Action happened) : IDisposable
{
    private readonly Lock _gate = new();
    private FileSystemWatcher? _watcher;
    private bool _isDisposed;

    /// <summary>Begins to listen, or begins anew: a folder of the same path may be another one by now.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            Stop();
            _watcher = _isDisposed ? null : Start();
        }
    }

    /// <summary>Listens no more, until <see cref="Restart"/>.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _watcher?.Dispose();
            _watcher = null;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Stop();
        }
    }

    private FileSystemWatcher? Start()
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(Path.GetDirectoryName(paths[0])!)
            {
                NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.FileName | NotifyFilters.CreationTime,
            };
            foreach (var path in paths)
            {
                watcher.Filters.Add(Path.GetFileName(path));
            }

            watcher.Changed += (_, _) => happened();
            watcher.Created += (_, _) => happened();
            watcher.Deleted += (_, _) => happened();
            watcher.Renamed += (_, _) => happened();
            // Events were lost, or none will come any more. There may be something to see.
            watcher.Error += (_, _) => happened();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception)
        {
            // Any objection of the system: events are only a help, and nobody may fail without them.
            watcher?.Dispose();
            return null;
        }
    }
}
