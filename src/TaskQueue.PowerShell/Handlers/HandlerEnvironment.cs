using System.Collections;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell;

/// <summary>What a runspace for handlers is made with.</summary>
internal sealed record HandlerEnvironment
{
    /// <summary>The worker's queue: the runspace is connected to it.</summary>
    public required string Queue { get; init; }

    public required StoreOptions StoreOptions { get; init; }

    /// <summary>The folder in which each task begins.</summary>
    public required string Location { get; init; }

    /// <summary>Modules to import, by name or path.</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>Variables to set.</summary>
    public IDictionary Variables { get; init; } = new Hashtable();

    /// <summary>Whether processes are left alone that a handler left running when it ended by itself.</summary>
    public bool KeepsChildren { get; init; }

    /// <summary>Run once in each runspace, before its first task.</summary>
    public HandlerScript? Initialization { get; init; }
}
