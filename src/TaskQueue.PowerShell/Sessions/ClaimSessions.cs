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
            session = new ClaimSession(TaskStores.Open(queue, QueueCmdlet.OptionsOf(store)));
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

    /// <summary>The held task of this id, in whatever queue; null for none.</summary>
    public ReceivedTask? Find(string id) =>
        _sessions.Values.Select(session => session.Find(id)).FirstOrDefault(held => held is not null);

    /// <summary>True if the claim is held here.</summary>
    public bool Holds(Guid token) => _sessions.Values.Any(session => session.Holds(token));

    /// <summary>The claim has ended: its lease is not renewed any more.</summary>
    public void Drop(Guid token)
    {
        foreach (var session in _sessions.Values)
        {
            session.Drop(token);
        }
    }

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
