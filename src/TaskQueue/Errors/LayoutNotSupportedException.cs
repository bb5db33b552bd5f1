namespace TaskQueue;

/// <summary>The original system's layout has no place for what was asked.</summary>
public sealed class LayoutNotSupportedException(string what)
    : TaskQueueException(
        $"A queue in the original layout cannot hold {what}.",
        new Advice.MoveToNativeLayout());
