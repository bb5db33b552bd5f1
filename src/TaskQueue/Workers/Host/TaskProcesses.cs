using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
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

    // Reached only by a process that its kernel cannot end, such as one that waits for a lost disk.
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Kills every process of this machine that is marked with one of the tokens, but never this one, and returns how many.
    /// Looks again until none is left, since a process can fork while it is being found; if there is none, one look at all is
    /// what it costs. Never throws. A process of another user, or one whose environment was replaced, is not found.
    /// Where other processes' environments cannot be read (<see cref="ProcessTable.Current"/>) nothing is done.
    /// </summary>
    /// <param name="tokens">The claims.</param>
    /// <param name="isOthers">Asked of each that is found: another task's child may have got the mark by chance, and is left alone.</param>
    public static int KillMarked(IReadOnlyCollection<Guid> tokens, Func<int, bool>? isOthers = null)
    {
        var wanted = tokens.ToHashSet();
        return Kill((process, marks) => marks.Overlaps(wanted) && isOthers?.Invoke(process) is not true, TaskMarks.Claim);
    }

    /// <summary>
    /// The same for claims of a worker that is proven gone: also what cannot be told apart from what other tasks of that worker had
    /// started, since none of them runs any more.
    /// </summary>
    public static int KillLeftBehind(IReadOnlyCollection<Guid> tokens)
    {
        var wanted = tokens.ToHashSet();
        return Kill((_, marks) => marks.Overlaps(wanted), TaskMarks.Claim, TaskMarks.Running);
    }

    /// <summary>
    /// The same for what a task of this process may have started without its own mark: as far as no other task that runs now could have
    /// started it. What is still below this process is left alone where it is known by its thread.
    /// </summary>
    public static int KillDetached(Guid token) => Kill(
        (process, marks) => marks.Contains(token) && TaskMarks.IsLast(token, marks)
            && (!LinuxChildren.AreKnown || LinuxProcess.AncestorBelow(Environment.ProcessId, process) is null),
        TaskMarks.Running);

    /// <summary>The tokens that a process is marked with; none if that cannot be read.</summary>
    public static HashSet<Guid> ReadMarks(int process, params ReadOnlySpan<string> variables)
    {
        if (ProcessTable.Current is not { } table)
        {
            return [];
        }

        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            return ReadMarks(table.ReadEnvironment(process, ref buffer), variables);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Kill(Func<int, HashSet<Guid>, bool> isWanted, params string[] variables)
    {
        if (ProcessTable.Current is not { } table)
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
        SpinWait.SpinUntil(() => !killed.Any(process => table.IsThere(process.Key, process.Value)), LongestWait);
        return killed.Count;

        // One look at all processes; false if none was found that could be killed.
        bool KillOnce()
        {
            var found = false;
            foreach (var process in table.Ids())
            {
                if (process != Environment.ProcessId && IsWanted(process) && table.StartOf(process) is { } start
                    && table.Kill(process, () => IsWanted(process) && table.IsThere(process, start)))
                {
                    killed[process] = start;
                    found = true;
                }
            }

            return found;
        }

        bool IsWanted(int process) =>
            ReadMarks(table.ReadEnvironment(process, ref buffer), variables) is { Count: > 0 } marks && isWanted(process, marks);
    }

    private static HashSet<Guid> ReadMarks(ReadOnlySpan<byte> environment, ReadOnlySpan<string> variables)
    {
        var marks = new HashSet<Guid>();
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
}
