namespace TaskQueue;

/// <summary>
/// The types a worker claims. With a handler for all others they are looked up in the queue: when a claim has found nothing, and each
/// second, so that a new type does not wait behind the known ones.
/// </summary>
internal sealed class ClaimedTypes(ClaimHolder worker, IReadOnlyCollection<string> handled)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly bool _takesAll = handled.Contains(HandledTypes.AllOthers);
    private readonly HashSet<string> _present = new(handled, StringComparer.Ordinal);
    private long? _lookedAt;

    /// <summary>What to claim now.</summary>
    public IReadOnlyList<string> Now()
    {
        if (_takesAll && (_lookedAt is not { } looked || worker.Options.Time.GetElapsedTime(looked) >= Period))
        {
            Look();
        }

        return [.. _present];
    }

    /// <summary>True if a further look has found types that were not known, so that another claim may find something.</summary>
    public bool HaveGrown() => _takesAll && Look();

    private bool Look()
    {
        var waiting = worker.Source.ClaimableTypes(CancellationToken.None);
        _lookedAt = worker.Options.Time.GetTimestamp();
        var hasGrown = waiting.Any(type => !_present.Contains(type));
        // Only types that are present are kept: a worker may live for long, and see ever new ones.
        _present.Clear();
        _present.UnionWith(handled);
        _present.UnionWith(waiting);
        return hasGrown;
    }
}
