namespace TaskQueue;

/// <summary>What a holder of claims does about what <see cref="StopReceiver"/> has learned.</summary>
internal interface IStopTarget
{
    /// <summary>
    /// Others have ended these claims. Each stop comes again until its receipt is written, also if this throws.
    /// </summary>
    void EndTasks(IReadOnlyList<TaskStop> stops);

    /// <summary>The claim is gone for good, and nobody waits for a receipt.</summary>
    void EndLost(HeldTask task);

    /// <summary>An operator asked the holder itself to end.</summary>
    void End(WorkerStopMode request);
}
