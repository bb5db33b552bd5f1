using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell;

/// <summary>The tasks that a runspace has received, by queue. They go back to pending with the runspace.</summary>
internal sealed class ClaimSessions
{
    private static readonly ConditionalWeakTable<Runspace, ClaimSessions> Runspaces = [];

    private readonly Dictionary<string, ClaimSession> _sessions = new(StringComparer.Ordinal);

    private ClaimSessions()
    {
    }

    /// <summary>Those of the runspace this runs in; null if it never received a task.</summary>
    public static ClaimSessions? Current => Runspaces.TryGetValue(Runspace.DefaultRunspace, out var sessions) ? sessions : null;

    /// <summary>The session of this runspace for a queue, made at its first use.</summary>
    public static ClaimSession For(ITaskStore store)
    {
        var runspace = Runspace.DefaultRunspace;
        var sessions = Runspaces.GetValue(runspace, Attach);
        var queue = store.Info.Queue;
        if (!sessions._sessions.TryGetValue(queue, out var session))
        {
            // A store of its own: the command's is closed with the command.
            session = new ClaimSession(TaskStores.Open(queue, QueueCmdlet.OptionsOf(store)), TimeProvider.System);
            sessions._sessions.Add(queue, session);
        }

        return session;
    }

    /// <summary>Gives back what the runspace still holds, and closes its sessions.</summary>
    public static void Close(Runspace runspace)
    {
        if (Runspaces.TryGetValue(runspace, out var sessions))
        {
            Runspaces.Remove(runspace);
            foreach (var session in sessions._sessions.Values)
            {
                session.Dispose();
            }
        }
    }

    /// <summary>The held tasks of this id, one of each queue at the most.</summary>
    /// <param name="id">The task's id.</param>
    /// <param name="queue">The queue it must be of; null for whatever queue.</param>
    public IReadOnlyList<ReceivedTask> Find(string id, string? queue) =>
        [.. (queue is null ? _sessions.Values : Of(queue)).Select(session => session.Find(id)).OfType<ReceivedTask>()];

    /// <summary>What went wrong in the background since the last call.</summary>
    public IEnumerable<string> TakeWarnings() => _sessions.Values.SelectMany(session => session.TakeWarnings());

    /// <summary>True if the claim is held here.</summary>
    public bool Holds(Guid token) => _sessions.Values.Any(session => session.Holds(token));

    /// <summary>The claim on a task of this queue has ended: its lease is not renewed any more.</summary>
    public void Drop(string queue, Guid token)
    {
        foreach (var session in Of(queue))
        {
            session.Drop(token);
        }
    }

    /// <summary>Several only where the same file goes by several paths.</summary>
    private IEnumerable<ClaimSession> Of(string queue) =>
        _sessions.Where(session => session.Key == queue || TaskStores.SameQueue(session.Key, queue)).Select(session => session.Value);

    private static ClaimSessions Attach(Runspace runspace)
    {
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
            {
                Close(runspace);
            }
        };
        return new ClaimSessions();
    }
}
