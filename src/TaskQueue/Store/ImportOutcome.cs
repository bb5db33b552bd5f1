namespace TaskQueue;

/// <summary>How the import of one task ended.</summary>
public enum ImportOutcomeKind
{
    Added,

    /// <summary>It was here, untouched since an earlier import, and is now as in the source.</summary>
    Updated,

    /// <summary>It was here and the source has not changed.</summary>
    Unchanged,

    /// <summary>It was here and has been changed here: left alone.</summary>
    Touched,

    /// <summary>The id is taken.</summary>
    Duplicate,
}

/// <summary>What became of one imported task.</summary>
public sealed record ImportOutcome(string Id, ImportOutcomeKind Kind, QueueTask Task);
