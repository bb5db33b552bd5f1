namespace TaskQueue;

/// <summary>
/// Claims with tokens that are made before the claim. If the answer of a claim is lost, its tokens find the tasks that it took.
/// </summary>
/// <param name="holder">Who claims.</param>
internal sealed class ClaimTokens(ClaimHolder holder)
{
    private List<Guid> _unanswered = [];

    /// <summary>
    /// Claims with new tokens. If it throws, the claim may have been committed all the same; <see cref="FindUnanswered"/> tells.
    /// </summary>
    /// <param name="count">How many tasks are wanted.</param>
    /// <param name="claim">The claim with these tokens.</param>
    public IReadOnlyList<QueueTask> Claim(int count, Func<IReadOnlyList<Guid>, IReadOnlyList<QueueTask>> claim)
    {
        _unanswered = ClaimRequest.NewTokens(count);
        holder.Held.BeginClaim(_unanswered);
        var claimed = claim(_unanswered);
        _unanswered = [];
        return claimed;
    }

    /// <summary>The tasks of the last claim, if its answer was lost.</summary>
    public IReadOnlyList<QueueTask> FindUnanswered(CancellationToken cancellation)
    {
        if (_unanswered.Count == 0)
        {
            return [];
        }

        var found = holder.Source.FindClaimed(_unanswered, cancellation);
        _unanswered = [];
        return found;
    }

    /// <summary>Gives back the tasks of the last claim, if its answer was lost.</summary>
    public void ReleaseUnanswered(CancellationToken cancellation)
    {
        if (_unanswered.Count == 0)
        {
            return;
        }

        // The tokens are forgotten only after the release, so that a failed call can be repeated.
        var found = holder.Source.FindClaimed(_unanswered, cancellation);
        if (found.Count > 0)
        {
            var releases = found.Select(task => new ReleaseTask(task.Id, task.ClaimToken!.Value));
            holder.Source.Change([.. releases], holder.Operation, cancellation);
        }

        _unanswered = [];
    }
}
