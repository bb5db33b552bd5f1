namespace TaskQueue;

/// <summary>Passes warnings on, and drops repetitions of the same one for a while.</summary>
/// <param name="time">Measures how long ago a warning was given.</param>
/// <param name="listener">Who is told; null for nobody.</param>
internal sealed class WorkerWarnings(TimeProvider time, Func<Action<string>?> listener)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    // Warnings name tasks and errors: without a bound, a worker that runs for months would remember them all.
    private const int MostRemembered = 1000;

    private readonly Dictionary<string, long> _warnedAt = new(StringComparer.Ordinal);

    /// <summary>Says what cannot be done at present, and why.</summary>
    public void Failed(string trouble, Exception error) => Warn($"{trouble}: {ErrorText.InALine(error)}");

    /// <summary>Says what an operator should know. Never throws: nobody else could be told.</summary>
    public void Warn(string message)
    {
        lock (_warnedAt)
        {
            if (_warnedAt.TryGetValue(message, out var last) && time.GetElapsedTime(last) < Period)
            {
                return;
            }

            if (_warnedAt.Count >= MostRemembered)
            {
                _warnedAt.Clear();
            }

            _warnedAt[message] = time.GetTimestamp();
        }

        try
        {
            listener()?.Invoke(message);
        }
        catch (Exception)
        {
            // The listener has failed, or does not listen any more.
        }
    }
}
