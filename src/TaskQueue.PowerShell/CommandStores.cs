using TaskQueue.Storage;

namespace TaskQueue.PowerShell;

/// <summary>Finds the queue that a command works on, and keeps it open until the command ends.</summary>
internal sealed class CommandStores(QueueCmdlet cmdlet) : IDisposable
{
    private readonly Dictionary<string, ITaskStore> _opened = new(StringComparer.Ordinal);
    private readonly HashSet<ConnectedQueue> _kept = [];
    private (string? PipedQueue, ITaskStore Store)? _last;

    /// <param name="pipedQueue">The queue a piped task came from.</param>
    /// <param name="forWriting">True if the command is going to change something.</param>
    public ITaskStore Open(string? pipedQueue, bool forWriting)
    {
        // Paths are compared by the files that they lead to. That is too slow to repeat for each of many thousand tasks.
        if (_last is not { } last || last.PipedQueue != pipedQueue)
        {
            _last = last = (pipedQueue, Find(pipedQueue, forWriting && !cmdlet.IsWhatIf));
        }

        return last.Store;
    }

    public void Dispose()
    {
        foreach (var store in _opened.Values)
        {
            store.Dispose();
        }

        foreach (var connected in _kept)
        {
            connected.Dispose();
        }

        _opened.Clear();
        _kept.Clear();
    }

    private ITaskStore Find(string? pipedQueue, bool writes)
    {
        var location = LocationOf(pipedQueue);
        if (ConnectedQueue.Current is { } connected && (location is null || TaskStores.SameQueue(connected.Store.Info.Queue, location)))
        {
            return Keep(connected, writes);
        }

        if (location is null && DefaultQueue.IsNothingNamed && !File.Exists(DefaultQueue.UserFile))
        {
            cmdlet.Location = DefaultQueue.UserFile;
            throw new QueueNotFoundException(
                $"No queue is named or connected, and there is none at the default place '{DefaultQueue.UserFile}'.",
                "Connect to one with Connect-TaskQueue, or name it with -Queue.");
        }

        try
        {
            return OpenAt(location ?? DefaultQueue.Location(cmdlet), writes);
        }
        catch (QueueNotFoundException error) when (location is null)
        {
            throw new QueueNotFoundException($"{error.Message} It is named by the variable {DefaultQueue.Variable}.", error.Advice, error);
        }
    }

    /// <summary>Where the queue is that -Queue names, or else the piped one; null if there is neither.</summary>
    private string? LocationOf(string? pipedQueue)
    {
        var named = cmdlet.Queue?.Resolve(cmdlet);
        // A task names its queue in full, but an object or a CSV row that a person wrote may not.
        var piped = string.IsNullOrWhiteSpace(pipedQueue) ? null : new QueueLocation(pipedQueue).Resolve(cmdlet);
        if (named is not null && piped is not null && !TaskStores.SameQueue(named, piped))
        {
            throw new QueueMismatchException(
                $"The task was read from '{TaskStores.Show(piped)}', not from '{TaskStores.Show(named)}'.",
                "Leave -Queue out, or read the task from that queue.");
        }

        // What a person named may hold a password. What a task carries never does.
        return named ?? piped;
    }

    private ITaskStore Keep(ConnectedQueue connected, bool writes)
    {
        cmdlet.Location = connected.Store.Info.Queue;
        if (writes)
        {
            TaskStores.PrepareForWriting(connected.Store.Info.Queue, connected.Options with { Cancellation = cmdlet.Cancellation });
        }

        if (_kept.Add(connected))
        {
            connected.Keep();
        }

        return connected.Store;
    }

    private ITaskStore OpenAt(string location, bool writes)
    {
        cmdlet.Location = TaskStores.Show(location);
        if (!_opened.TryGetValue(location, out var store))
        {
            cmdlet.WriteWarnings(TaskStores.WarningOf(location) is { } warning ? [warning] : []);
            store = TaskStores.Open(location, new StoreOptions { ForWriting = writes, Cancellation = cmdlet.Cancellation });
            _opened.Add(location, store);
        }

        return store;
    }
}
