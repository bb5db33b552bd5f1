namespace TaskQueue;

/// <summary>
/// The processes of this machine, as far as the system shows them to this user. Never throws: what cannot be read is not there.
/// </summary>
internal abstract class ProcessTable
{
    /// <summary>That of this platform; null where other processes' environments cannot be read.</summary>
    public static ProcessTable? Current { get; } =
        // Without a /proc that counts as we do, the ids found there would be other processes' here; see LinuxProcess.ReadNamespaces.
        OperatingSystem.IsLinux() ? (HostFacts.Current.Namespace is null ? null : new LinuxProcessTable())
        : OperatingSystem.IsWindows() && Environment.Is64BitProcess ? new WindowsProcessTable()
        : OperatingSystem.IsMacOS() ? new MacProcessTable()
        : null;

    /// <summary>The ids of all processes.</summary>
    public abstract IReadOnlyList<int> Ids();

    /// <summary>The ids of what this process has started; some of them may have ended.</summary>
    public abstract IReadOnlyList<int> Children();

    /// <summary>When a process started, in a unit of the platform's own; null if it has ended.</summary>
    public abstract long? StartOf(int id);

    /// <summary>
    /// A process's environment in UTF-8, entries apart by a zero; empty if it cannot be read, or of a process that has ended.
    /// </summary>
    /// <param name="id">The process.</param>
    /// <param name="buffer">From the shared pool; replaced by a larger one if it has to be.</param>
    public abstract ReadOnlySpan<byte> ReadEnvironment(int id, ref byte[] buffer);

    /// <summary>Kills a process; false if there is none or it may not be killed.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="isMeant">Whether the process that has the id now is the one.</param>
    public abstract bool Kill(int id, Func<bool> isMeant);

    /// <summary>True while the process of this id and start can do anything.</summary>
    public bool IsThere(int id, long start) => StartOf(id) == start;
}
