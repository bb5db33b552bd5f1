namespace TaskQueue;

/// <summary>The sessions of one script, a session for each queue that it has received tasks from.</summary>
/// <param name="isSameQueue">Whether two names are names of the same queue.</param>
internal sealed class ClaimSessions(Func<string, string, bool> isSameQueue) : IDisposable
{
    private readonly Dictionary<string, ClaimSession> _sessions = new(StringComparer.Ordinal);

    /// <summary>The session for a queue, made at its first use.</summary>
    public ClaimSession For(string queue, Func<ClaimSession> begin)
    {
        if (!_sessions.TryGetValue(queue, out var session))
        {
            _sessions.Add(queue, session = begin());
        }

        return session;
    }

    /// <summary>The held tasks of this id, one of each queue at the most.</summary>
    /// <param name="id">The task's id.</param>
    /// <param name="queue">The queue it must be of; null for whatever queue.</param>
    public IReadOnlyList<QueueTask> Find(string id, string? queue) =>
        [.. (queue is null ? _sessions.Values : Of(queue)).Select(session => session.Find(id)).OfType<QueueTask>()];

    /// <summary>What went wrong in the background since the last call.</summary>
    public IEnumerable<string> TakeWarnings() => _sessions.Values.SelectMany(session => session.TakeWarnings());

    /// <summary>True if the claim is held here.</summary>
    public bool Holds(Guid token) => _sessions.Values.Any(session => session.Holds(token));

    /// <summary>The claim on a task of this queue has ended: its lease is not renewed any more.</summary>
    public void Drop(string queue, Guid token)
    {
        foreach (var session in Of(queue))
        {
            session.Drop(token);
        }
    }

    /// <summary>Gives back what is still held, and closes the sessions.</summary>
    public void Dispose()
    {
        foreach (var session in _sessions.Values)
        {
            session.Dispose();
        }
    }

    /// <summary>Several only where the same file goes by several paths.</summary>
    private IEnumerable<ClaimSession> Of(string queue) =>
        _sessions.Where(session => session.Key == queue || isSameQueue(session.Key, queue)).Select(session => session.Value);
}
