namespace TaskQueue;

/// <summary>What a worker asks for.</summary>
public sealed record ClaimRequest
{
    /// <summary>The types the worker has handlers for; no other is ever touched.</summary>
    public required IReadOnlyList<string> Types { get; init; }

    /// <summary>One token for each task wanted, made by the client, so that a claim whose answer was lost can be found again.</summary>
    public required IReadOnlyList<Guid> Tokens { get; init; }

    /// <summary>The worker's name as tasks show it.</summary>
    public required string Worker { get; init; }

    /// <summary>Which start of that worker; see <see cref="WorkerIdentity.Id"/>.</summary>
    public Guid? WorkerId { get; init; }

    /// <summary>
    /// How many of the claimed begin at once, the most urgent first; the others wait at the worker. All, unless it is said.
    /// </summary>
    public int BeginAtOnce { get; init; } = int.MaxValue;

    /// <summary>
    /// The caller asks again within a moment: then an empty answer may be given without a look at all there is, where that takes long.
    /// </summary>
    public bool IsRepeated { get; init; }

    /// <summary>How long the claim holds without a heartbeat.</summary>
    public required TimeSpan LeaseTime { get; init; }

    /// <summary>
    /// New tokens: version 7 UUIDs, whose 74 random bits none repeats. They grow with time, so that what is written about many claims at
    /// once lies together in an index instead of on a page of its own each.
    /// </summary>
    public static List<Guid> NewTokens(int count) => [.. Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7())];
}
