using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell;

/// <summary>The tasks that each runspace has received. They go back to pending when the runspace is closed.</summary>
internal static class RunspaceSessions
{
    private static readonly ConditionalWeakTable<Runspace, ClaimSessions> Sessions = [];

    /// <summary>The sessions of the runspace that this runs in; null if it never received a task.</summary>
    public static ClaimSessions? Current => Sessions.TryGetValue(Runspace.DefaultRunspace, out var sessions) ? sessions : null;

    /// <summary>The session of this runspace for a queue, made at its first use.</summary>
    public static ClaimSession For(ITaskStore store)
    {
        var queue = store.Info.Queue;
        return Sessions.GetValue(Runspace.DefaultRunspace, Attach).For(queue, () => new ClaimSession(
            // A store of its own, since the command's is closed with the command.
            TaskStores.Open(queue, ConnectedQueue.OptionsOf(store)),
            queue,
            new NewOperation { Kind = NewOperation.Work, Actor = Actor.Current("Receive-QueueTask") },
            TimeProvider.System));
    }

    /// <summary>Gives back what the runspace still holds, and closes its sessions.</summary>
    public static void Close(Runspace runspace)
    {
        if (Sessions.TryGetValue(runspace, out var sessions))
        {
            Sessions.Remove(runspace);
            sessions.Dispose();
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
        return new ClaimSessions(TaskStores.SameQueue);
    }
}
