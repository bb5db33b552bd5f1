using System.Collections.Concurrent;

namespace TaskQueue.PowerShell;

/// <summary>
/// The runspaces of a worker's handlers: as many as tasks run at the same time, each kept for the next task. A runspace whose handler
/// ignores its stop is never given back; it is left behind.
/// </summary>
internal sealed class HandlerRunspaces(HandlerEnvironment environment) : IDisposable
{
    // The one used last is taken first, since it is warm. A new one is made only if none is free.
    private readonly ConcurrentStack<HandlerRunspace> _free = [];
    private readonly ConcurrentDictionary<HandlerRunspace, bool> _taken = [];
    private volatile bool _isClosed;

    /// <summary>
    /// Makes the first runspace. So errors of the environment, and what the scripts miss in it, are known before a task is claimed.
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
