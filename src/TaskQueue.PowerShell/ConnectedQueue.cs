using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell;

/// <summary>The queue a runspace is connected to.</summary>
internal sealed class ConnectedQueue(ITaskStore store, StoreOptions options) : IDisposable
{
    // A connection belongs to its runspace and is closed with it.
    private static readonly ConditionalWeakTable<Runspace, ConnectedQueue> Connections = [];

    // The number of users: the runspace, and each command that runs on the queue.
    private int _users = 1;

    public ITaskStore Store { get; } = store;

    public StoreOptions Options { get; } = options;

    /// <summary>The connection of the runspace that this runs in, or null.</summary>
    public static ConnectedQueue? Current => Runspace.DefaultRunspace is { } runspace ? Of(runspace) : null;

    /// <summary>The connection of a runspace, or null.</summary>
    public static ConnectedQueue? Of(Runspace runspace) => Connections.TryGetValue(runspace, out var connection) ? connection : null;

    /// <summary>Opens a queue for a runspace to be connected to.</summary>
    public static ConnectedQueue Open(string location, StoreOptions options) => new(TaskStores.Open(location, options), options);

    /// <summary>
    /// The options with which a store that a command opened can be opened again, for a thread or a runspace that outlives the command.
    /// </summary>
    public static StoreOptions OptionsOf(ITaskStore store) => Current is { } connected && ReferenceEquals(connected.Store, store)
        ? connected.Options with { Create = false, Cancellation = CancellationToken.None }
        : new StoreOptions();

    /// <summary>Connects a runspace, in place of whatever it was connected to; null disconnects it.</summary>
    public static void Connect(Runspace runspace, ConnectedQueue? connection)
    {
        if (Connections.TryGetValue(runspace, out var former))
        {
            runspace.StateChanged -= former.CloseWithRunspace;
            Connections.Remove(runspace);
            former.Dispose();
        }

        if (connection is not null)
        {
            Connections.Add(runspace, connection);
            runspace.StateChanged += connection.CloseWithRunspace;
        }
    }

    /// <summary>The connection as people see it.</summary>
    public TaskQueueConnection Describe(CancellationToken cancellation)
    {
        var connection = new TaskQueueConnection
        {
            Queue = Store.Info.Queue,
            Kind = Store.Info.Kind,
            Layout = Store.Info.Layout,
            SchemaVersion = Store.Info.SchemaVersion,
            UtcOffset = Store.Info.UtcOffset,
            News = Store.Info.News,
            Durability = Options.Durability,
            Timeout = Options.Timeout,
            IsReachable = false,
        };
        try
        {
            var counts = Store.CountByStatus(cancellation);
            var running = new TaskQuery { Statuses = [QueueTaskStatus.Running], IncludePayload = false };
            return connection with
            {
                IsReachable = true,
                Tasks = counts.Values.Sum(),
                Running = counts.GetValueOrDefault(QueueTaskStatus.Running.ToText()),
                OldestRunning = Store.Read(running, cancellation).Max(task => task.Age),
            };
        }
        catch (TaskQueueException)
        {
            return connection;
        }
    }

    /// <summary>
    /// Keeps the queue open until a matching <see cref="Dispose"/>. A running command goes on with the queue it began with, even if a
    /// command behind it in the pipeline connects the runspace to another one.
    /// </summary>
    public void Keep() => Interlocked.Increment(ref _users);

    /// <summary>Ends one use of the queue. The last one closes it.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Store.Dispose();
        }
    }

    private void CloseWithRunspace(object? sender, RunspaceStateEventArgs change)
    {
        if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken && Connections.Remove((Runspace)sender!))
        {
            Dispose();
        }
    }
}
