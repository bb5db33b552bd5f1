namespace TaskQueue.Storage;

/// <summary>
/// The commits of this process of which nobody could say in time what became of them. While there are any, no other is begun: each would
/// keep another connection of the server waiting for the same standby.
/// </summary>
internal sealed class UnansweredCommits
{
    private readonly Lock _gate = new();
    private volatile PostgresCommit[] _commits = [];

    public void Add(PostgresCommit commit)
    {
        lock (_gate)
        {
            _commits = [.. _commits, commit];
        }
    }

    /// <summary>Waits until it is known what became of them; false if it still is not.</summary>
    public bool TrySettle(TimeSpan longest, CancellationToken cancellation)
    {
        foreach (var commit in _commits)
        {
            if (!IsSettled(commit, longest, cancellation))
            {
                return false;
            }

            lock (_gate)
            {
                _commits = [.. _commits.Except([commit])];
            }
        }

        return true;
    }

    private static bool IsSettled(PostgresCommit commit, TimeSpan longest, CancellationToken cancellation)
    {
        try
        {
            return commit.WaitFor(longest, cancellation) is not null;
        }
        catch (Exception error) when (PostgresErrors.IsAboutServer(error))
        {
            // The server refused the transaction in the end.
            return true;
        }
    }
}
