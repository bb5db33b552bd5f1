namespace TaskQueue;

/// <summary>What this machine knows of processes: who we are, and whether a worker's process lives.</summary>
public static class HostProcesses
{
    /// <summary>An identity of this process for a new worker.</summary>
    public static WorkerIdentity NewWorkerIdentity() => throw new NotImplementedException();

    /// <summary>Whether the worker's process lives. What cannot be read is unknown, never gone.</summary>
    public static Liveness LivenessOf(WorkerIdentity worker) => throw new NotImplementedException();
}
