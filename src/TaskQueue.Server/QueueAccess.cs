using TaskQueue.Storage;

namespace TaskQueue.Server;

/// <summary>
/// The queue that is served. The first call that finds it opens it, and it is kept open. As with the commands, reading changes nothing. The
/// first write rolls back what a dead writer left, and upgrades an older layout after a backup.
/// </summary>
internal sealed class QueueAccess : IDisposable
{
    private readonly SharedAttempt<ITaskStore> _opening;
    private readonly SharedAttempt<ITaskStore> _preparing;

    public QueueAccess(ServerSettings settings)
    {
        var options = new StoreOptions { Timeout = settings.Timeout, UtcOffset = settings.UtcOffset };
        _opening = new(() => TaskStores.Open(settings.Queue, options with { Create = settings.CreateQueue }));
        _preparing = new(() =>
        {
            if (!settings.CreateQueue)
            {
                TaskStores.PrepareForWriting(settings.Queue, options);
            }

            return _opening.Get();
        });
    }

    /// <summary>The queue, for calls that change nothing.</summary>
    /// <exception cref="QueueNotFoundException">There is no queue.</exception>
    /// <exception cref="QueueFormatException">It is not a queue, is damaged, or is newer than this product.</exception>
    /// <exception cref="QueueUnavailableException">It cannot be used now.</exception>
    public ITaskStore ForReading() => _opening.Get();

    /// <inheritdoc cref="ForReading"/>
    /// <summary>The queue, for a call that means to change it.</summary>
    public ITaskStore ForWriting() => _preparing.Get();

    public void Dispose() => _opening.Done?.Dispose();
}
