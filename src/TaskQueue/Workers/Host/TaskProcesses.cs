using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace TaskQueue;

/// <summary>
/// The processes that tasks' programs run in. Each carries its claim's token in its environment, which children inherit:
/// so they are found however far they have moved from the program that started them (a second fork, a session of their own).
/// </summary>
internal static class TaskProcesses
{
    /// <summary>The variable that marks a process with the token of the claim it works for.</summary>
    public const string ClaimVariable = "TASKQUEUE_CLAIM";

    // The form D of a Guid, which is what ToString() writes.
    private const int TokenLength = 36;

    // The kernel gives arguments and environment together no more than 6 MB.
    private const int LargestEnvironment = 8 * 1024 * 1024;

    private static readonly byte[] Marker = Encoding.ASCII.GetBytes(ClaimVariable + "=");

    // Reached only by a process that its kernel cannot end, such as one that waits for a lost disk.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Kills every process of this machine that is marked with one of the tokens, but never this one, and returns how many.
    /// Looks again until none is left, since a process can fork while it is being found; if there is none, one look at all is
    /// what it costs. Never throws. A process of another user, or one whose environment was replaced, is not found.
    /// Linux alone knows other processes' environments: elsewhere nothing is done, and on Windows nothing is left to do, since the
    /// programs of a worker die with it.
    /// </summary>
    public static int KillMarked(IReadOnlyCollection<Guid> tokens)
    {
        // Without a /proc that counts as we do, the ids found there would be other processes' here; see LinuxProcess.ReadNamespaces.
        if (tokens.Count == 0 || !OperatingSystem.IsLinux() || HostFacts.Current.Namespace is null)
        {
            return 0;
        }

        var wanted = tokens.ToHashSet();
        var killed = new HashSet<int>();
        var began = Stopwatch.GetTimestamp();
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            for (var pause = 1; KillOnce(wanted, killed, ref buffer) && Stopwatch.GetElapsedTime(began) < LongestWait; pause = Math.Min(2 * pause, 50))
            {
                Thread.Sleep(pause);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return killed.Count;
    }

    /// <summary>One look at all processes; false if none was found that could be killed.</summary>
    private static bool KillOnce(HashSet<Guid> wanted, HashSet<int> killed, ref byte[] buffer)
    {
        var found = false;
        foreach (var process in ReadIds())
        {
            if (process != Environment.ProcessId && IsMarked(process, wanted, ref buffer) && Kill(process, wanted, ref buffer))
            {
                killed.Add(process);
                found = true;
            }
        }

        return found;
    }

    private static bool Kill(int process, HashSet<Guid> wanted, ref byte[] buffer)
    {
        var handle = LinuxCalls.OpenProcess(process);
        if (handle < 0)
        {
            return UnixCalls.Signal(process, UnixCalls.Kill);
        }

        try
        {
            // The id may have passed to another process before the handle was there: what the handle means is looked at again.
            return IsMarked(process, wanted, ref buffer) && LinuxCalls.Signal(handle, UnixCalls.Kill);
        }
        finally
        {
            _ = LinuxCalls.Close(handle);
        }
    }

    private static List<int> ReadIds()
    {
        var ids = new List<int>();
        try
        {
            foreach (var entry in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(entry.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                {
                    ids.Add(id);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Without a /proc nothing can be found.
        }

        return ids;
    }

    private static bool IsMarked(int process, HashSet<Guid> wanted, ref byte[] buffer)
    {
        var environment = ReadEnvironment(process, ref buffer);
        foreach (var range in environment.Split((byte)0))
        {
            var entry = environment[range];
            if (entry.Length == Marker.Length + TokenLength && entry.StartsWith(Marker)
                && Utf8Parser.TryParse(entry[Marker.Length..], out Guid token, out var read) && read == TokenLength && wanted.Contains(token))
            {
                return true;
            }
        }

        return false;
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
