using TaskQueue.Storage;

namespace TaskQueue.Server;

/// <summary>
/// The queue that is served: opened by the first call that finds it, and kept open. As with the commands, reading changes nothing; the first write
/// rolls back what a dead writer left and upgrades an older layout after a backup.
/// </summary>
internal sealed class QueueAccess(ServerSettings settings) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StoreOptions _options = new() { Timeout = settings.Timeout, UtcOffset = settings.UtcOffset };
    private volatile ITaskStore? _store;
    private volatile bool _isPrepared;

    /// <summary>The queue, for calls that change nothing.</summary>
    /// <exception cref="QueueNotFoundException">There is none.</exception>
    /// <exception cref="QueueFormatException">It is no queue, is damaged, or is newer than this product.</exception>
    /// <exception cref="QueueUnavailableException">It cannot be used now.</exception>
    public ITaskStore ForReading()
    {
        if (_store is { } open)
        {
            return open;
        }

        lock (_gate)
        {
            return _store ??= TaskStores.Open(settings.Queue, _options with { Create = settings.CreateQueue });
        }
    }

    /// <inheritdoc cref="ForReading"/>
    /// <summary>The queue, for a call that means to change it.</summary>
    public ITaskStore ForWriting()
    {
        if (!_isPrepared)
        {
            lock (_gate)
            {
                if (!_isPrepared && !settings.CreateQueue)
                {
                    TaskStores.PrepareForWriting(settings.Queue, _options);
                }

                _isPrepared = true;
            }
        }

        return ForReading();
    }

    public void Dispose() => _store?.Dispose();
}
