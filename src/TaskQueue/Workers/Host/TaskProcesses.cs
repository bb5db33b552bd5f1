using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace TaskQueue;

/// <summary>
/// The processes that tasks run in. Each carries its claim's token in its environment, which children inherit (<see cref="TaskMarks"/>):
/// so they are found however far they have moved from what started them (a second fork, a session of their own).
/// </summary>
internal static class TaskProcesses
{
    // The form D of a Guid, which is what ToString() writes.
    private const int TokenLength = 36;

    // The kernel gives arguments and environment together no more than 6 MB.
    private const int LargestEnvironment = 8 * 1024 * 1024;

    // Reached only by a process that its kernel cannot end, such as one that waits for a lost disk.
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Kills every process of this machine that is marked with one of the tokens, but never this one, and returns how many.
    /// Looks again until none is left, since a process can fork while it is being found; if there is none, one look at all is
    /// what it costs. Never throws. A process of another user, or one whose environment was replaced, is not found.
    /// Linux alone knows other processes' environments: elsewhere nothing is done, and on Windows nothing is left to do, since the
    /// programs of a worker die with it.
    /// </summary>
    /// <param name="tokens">The claims.</param>
    /// <param name="isOthers">Asked of each that is found: another task's child may have got the mark by chance, and is left alone.</param>
    public static int KillMarked(IReadOnlyCollection<Guid> tokens, Func<int, bool>? isOthers = null)
    {
        var wanted = tokens.ToHashSet();
        return Kill((process, marks) => marks.Overlaps(wanted) && isOthers?.Invoke(process) is not true, TaskMarks.Claim);
    }

    /// <summary>
    /// The same for claims of a worker that is proven gone: also what cannot be told apart from what other tasks of that worker had started,
    /// since none of them runs any more.
    /// </summary>
    public static int KillLeftBehind(IReadOnlyCollection<Guid> tokens)
    {
        var wanted = tokens.ToHashSet();
        return Kill((_, marks) => marks.Overlaps(wanted), TaskMarks.Claim, TaskMarks.Running);
    }

    /// <summary>
    /// The same for what a task of this process may have started without its own mark, and what has moved away from this process: as far as no
    /// other task that runs now could have started it.
    /// </summary>
    public static int KillDetached(Guid token) => Kill(
        (process, marks) => marks.Contains(token) && TaskMarks.IsLast(token, marks) && LinuxProcess.AncestorBelow(Environment.ProcessId, process) is null,
        TaskMarks.Running);

    /// <summary>The tokens that a process is marked with; none if that cannot be read.</summary>
    public static HashSet<Guid> ReadMarks(int process, params ReadOnlySpan<string> variables)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            return ReadMarks(process, variables, ref buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Kill(Func<int, HashSet<Guid>, bool> isWanted, params string[] variables)
    {
        // Without a /proc that counts as we do, the ids found there would be other processes' here; see LinuxProcess.ReadNamespaces.
        if (!OperatingSystem.IsLinux() || HostFacts.Current.Namespace is null)
        {
            return 0;
        }

        var killed = new Dictionary<int, long>();
        var began = Stopwatch.GetTimestamp();
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            for (var pause = 1; KillOnce() && Stopwatch.GetElapsedTime(began) < LongestWait; pause = Math.Min(2 * pause, 50))
            {
                Thread.Sleep(pause);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        // One that is on its way out shows no environment any more, and still is there.
        SpinWait.SpinUntil(() => !killed.Any(process => LinuxProcess.IsThere(process.Key, process.Value)), LongestWait);
        return killed.Count;

        // One look at all processes; false if none was found that could be killed.
        bool KillOnce()
        {
            var found = false;
            foreach (var process in ProcessIds.In("/proc"))
            {
                if (process != Environment.ProcessId && IsWanted(process) && LinuxProcess.Read(process) is { HasEnded: false } known
                    && ProcessIds.Signal(process, () => IsWanted(process), UnixCalls.Kill))
                {
                    killed[process] = known.Start;
                    found = true;
                }
            }

            return found;
        }

        bool IsWanted(int process) => ReadMarks(process, variables, ref buffer) is { Count: > 0 } marks && isWanted(process, marks);
    }

    private static HashSet<Guid> ReadMarks(int process, ReadOnlySpan<string> variables, ref byte[] buffer)
    {
        var marks = new HashSet<Guid>();
        var environment = ReadEnvironment(process, ref buffer);
        foreach (var range in environment.Split((byte)0))
        {
            var entry = environment[range];
            foreach (var variable in variables)
            {
                if (entry.Length > variable.Length && entry[variable.Length] == '=' && Ascii.Equals(entry[..variable.Length], variable))
                {
                    AddTokens(entry[(variable.Length + 1)..], marks);
                }
            }
        }

        return marks;
    }

    private static void AddTokens(ReadOnlySpan<byte> list, HashSet<Guid> tokens)
    {
        foreach (var range in list.Split((byte)','))
        {
            var text = list[range];
            if (text.Length == TokenLength && Utf8Parser.TryParse(text, out Guid token, out var read) && read == TokenLength)
            {
                tokens.Add(token);
            }
        }
    }

    /// <summary>A process's environment, entries apart by a zero; empty if it cannot be read, or of a process that has ended.</summary>
    private static ReadOnlySpan<byte> ReadEnvironment(int process, ref byte[] buffer)
    {
        var file = LinuxCalls.Open(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/environ"));
        if (file < 0)
        {
            return [];
        }

        try
        {
            var length = 0;
            while (true)
            {
                var read = (int)LinuxCalls.Read(file, buffer.AsSpan(length), buffer.Length - length);
                if (read <= 0)
                {
                    return buffer.AsSpan(0, length);
                }

                length += read;
                if (length == buffer.Length)
                {
                    if (length >= LargestEnvironment)
                    {
                        return buffer;
                    }

                    var larger = ArrayPool<byte>.Shared.Rent(2 * length);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        finally
        {
            _ = LinuxCalls.Close(file);
        }
    }
}
