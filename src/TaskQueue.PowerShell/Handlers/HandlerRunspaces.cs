using System.Collections.Concurrent;

namespace TaskQueue.PowerShell;

/// <summary>
/// The runspaces of a worker's handlers: as many as tasks run at the same time, each kept for the next task. A runspace that is
/// never given back, since its handler ignores everything, is left behind.
/// </summary>
internal sealed class HandlerRunspaces(HandlerEnvironment environment) : IDisposable
{
    // The one used last comes first: it is warm, and rarely used ones are rarely made.
    private readonly ConcurrentStack<HandlerRunspace> _free = [];
    private readonly ConcurrentDictionary<HandlerRunspace, bool> _taken = [];
    private volatile bool _isClosed;

    /// <summary>
    /// Makes the first one, so that what is wrong with the environment, or what the scripts miss in it, is known before a task is claimed.
    /// </summary>
    public void Prepare(IEnumerable<HandlerScript> scripts, CancellationToken cancellation)
    {
        var first = Take(cancellation);
        try
        {
            foreach (var script in scripts)
            {
                first.Check(script, cancellation);
            }
        }
        finally
        {
            GiveBack(first);
        }
    }

    public HandlerRunspace Take(CancellationToken kill)
    {
        if (!_free.TryPop(out var runspace))
        {
            runspace = HandlerRunspace.Open(environment, kill);
        }

        _taken.TryAdd(runspace, true);
        return runspace;
    }

    public void GiveBack(HandlerRunspace runspace)
    {
        _taken.TryRemove(runspace, out _);
        if (!runspace.IsUsable)
        {
            runspace.Close();
            return;
        }

        _free.Push(runspace);
        if (_isClosed)
        {
            CloseFree();
        }
    }

    public void Dispose()
    {
        _isClosed = true;
        CloseFree();
        foreach (var runspace in _taken.Keys)
        {
            runspace.Abandon();
        }
    }

    private void CloseFree()
    {
        while (_free.TryPop(out var runspace))
        {
            runspace.Close();
        }
    }
}
