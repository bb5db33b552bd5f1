namespace TaskQueue;

/// <summary>An error of this product that the caller can do something about.</summary>
public abstract class TaskQueueException : Exception
{
    protected TaskQueueException(string message, string? recommendation, Exception? inner = null)
        : base(message, inner) => Recommendation = recommendation;

    /// <summary>What to do next.</summary>
    public string? Recommendation { get; }
}
