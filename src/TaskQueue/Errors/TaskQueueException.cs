namespace TaskQueue;

/// <summary>An error of this product that the caller can do something about.</summary>
public abstract class TaskQueueException : Exception
{
    protected TaskQueueException(string message, Advice? advice, Exception? inner = null)
        : base(message, inner) => Advice = advice;

    /// <summary>What to do next; null where nothing is known to help.</summary>
    public Advice? Advice { get; }
}
