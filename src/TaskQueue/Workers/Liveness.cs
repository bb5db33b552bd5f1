namespace TaskQueue;

/// <summary>What this machine can tell of a worker's process.</summary>
public enum LivenessState
{
    /// <summary>Nothing: it is on another machine or in another container, or a fact is missing. Never taken for dead.</summary>
    Unknown,

    /// <summary>The process is there, with the start time that it registered.</summary>
    Alive,

    /// <summary>Proof: same machine and boot, and no such process with that start.</summary>
    Gone,
}

/// <summary>A worker's liveness and the fact it rests on.</summary>
/// <param name="State">Whether the process lives.</param>
/// <param name="Evidence">In words, such as <c>web01:4711 (since 12-16 22:05) is gone: no process with that start</c>.</param>
public readonly record struct Liveness(LivenessState State, string Evidence)
{
    /// <summary>For a task whose worker is not known to the queue.</summary>
    public static Liveness Unknown { get; } = new(LivenessState.Unknown, "");
}
