namespace TaskQueue;

/// <summary>
/// A handler's word that its task failed and that another try is of no use; see <see cref="TaskContext.FailWithoutRetry"/>.
/// </summary>
public sealed class DoNotRetryException(string message) : Exception(message);
