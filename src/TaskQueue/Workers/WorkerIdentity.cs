namespace TaskQueue;

/// <summary>
/// Which process a worker is, in facts that another process can check: a process id alone is used again, after a while and on
/// every machine.
/// </summary>
public sealed record WorkerIdentity
{
    /// <summary>
    /// Random for each start of a worker: two workers of one process differ in it. It also holds the number by which their names differ.
    /// </summary>
    public required Guid Id { get; init; }

    /// <summary>The machine's name.</summary>
    public required string Machine { get; init; }

    /// <summary>
    /// The present run of the machine: on Linux the kernel's boot id, on macOS its boot session, on Windows the installation. Null if it
    /// cannot be read.
    /// </summary>
    public string? Boot { get; init; }

    /// <summary>
    /// Linux: the namespaces in which process id and start time count, such as those of a container; null elsewhere or if it cannot be
    /// read.
    /// </summary>
    public string? Namespace { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>
    /// When the process started, as the platform tells it most exactly: on Linux in clock ticks since boot, elsewhere in UTC ticks of
    /// 100 ns. Null if it cannot be read.
    /// </summary>
    public long? ProcessStart { get; init; }

    /// <summary>The user the process runs as.</summary>
    public required string User { get; init; }

    /// <summary>
    /// What tasks and people call it, such as <c>web01:4711</c>; a further worker of the same process <c>web01:4711.2</c>.
    /// </summary>
    public string Name => WorkerNumbers.Of(Id) is > 1 and var number
        ? FormattableString.Invariant($"{Machine}:{ProcessId}.{number}")
        : FormattableString.Invariant($"{Machine}:{ProcessId}");

    public override string ToString() => Name;
}
