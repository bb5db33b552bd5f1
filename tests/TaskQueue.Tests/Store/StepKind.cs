namespace TaskQueue.Tests.Store;

public enum StepKind
{
    Enqueue,
    EnqueueLater,
    Claim,
    Complete,
    Fail,
    Release,
    Heartbeat,
    Recover,
    Cancel,
    ForceCancel,
    CleanUp,
    Restart,
    Set,
    Remove,
    Wait,
}
