namespace TaskQueue;

/// <summary>Which operations to read. All conditions must hold.</summary>
public sealed record OperationQuery
{
    public Guid? Id { get; init; }

    /// <summary>The exact kind, such as <c>cleanup</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>A kind that is left out.</summary>
    public string? ExcludedKind { get; init; }

    /// <summary>Only operations that began less than this ago.</summary>
    public TimeSpan? NewerThan { get; init; }

    /// <summary>At most this many, the newest.</summary>
    public int? Newest { get; init; }
}
