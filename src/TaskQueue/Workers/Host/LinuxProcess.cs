using System.Buffers.Text;
using System.Globalization;

namespace TaskQueue;

/// <summary>A process as <c>/proc/&lt;pid&gt;/stat</c> tells it; see proc_pid_stat(5).</summary>
/// <param name="State">One letter, such as R, S or Z.</param>
/// <param name="Parent">The id of the process it belongs to now: another one takes it over when its own parent ends.</param>
/// <param name="Threads">How many threads it has.</param>
/// <param name="Start">When it started, in clock ticks since boot.</param>
internal readonly record struct LinuxProcess(char State, int Parent, long Threads, long Start)
{
    // USER_HZ: the unit of every time in /proc on all platforms that .NET runs on, whatever the kernel's own clock.
    private const long TicksPerSecond = 100;

    // Counted from the state, which is field 3.
    private const int ParentField = 4 - 3;
    private const int ThreadsField = 20 - 3;
    private const int StartField = 22 - 3;

    /// <summary>
    /// True for a process that can do nothing any more. One whose first thread has ended shows as a zombie while its other
    /// threads go on.
    /// </summary>
    public bool HasEnded => State is 'X' or 'x' || (State is 'Z' && Threads <= 1);

    /// <summary>The process with this id; null if there is none, or if it cannot be read.</summary>
    public static LinuxProcess? Read(int id) => ReadStat(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));

    /// <summary>True while the process of this id and start can do anything.</summary>
    public static bool IsThere(int id, long start) => Read(id) is { HasEnded: false } process && process.Start == start;

    /// <summary>
    /// The child of <paramref name="parent"/> that a process is, or descends from; null if it does not, as after its own parent has ended.
    /// </summary>
    public static int? AncestorBelow(int parent, int process)
    {
        // A family this deep is a circle of ids that were used again meanwhile.
        for (var depth = 0; depth < 100; depth++)
        {
            if (Read(process) is not { } known || known.Parent <= 1)
            {
                return null;
            }

            if (known.Parent == parent)
            {
                return process;
            }

            process = known.Parent;
        }

        return null;
    }

    /// <summary>A thread of this process; null if it has ended.</summary>
    public static LinuxProcess? ReadThread(int id) => ReadStat(string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{id}/stat"));

    /// <summary>This process.</summary>
    public static LinuxProcess? ReadOwn() => ReadStat("/proc/self/stat");

    /// <summary>The kernel's name for its present run; null if it cannot be read.</summary>
    public static string? ReadBoot() =>
        Reading(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()) is { Length: > 0 } boot ? boot : null;

    /// <summary>The namespaces in which process ids and start times count here; null if they cannot be read.</summary>
    public static string? ReadNamespaces() => Reading(() =>
    {
        // With a /proc of another namespace, as in a container that kept its host's, the ids there are not the ones we know: one would
        // look at strangers. Such a /proc gives a process one id for each namespace from there down to its own.
        var ids = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("NSpid:", StringComparison.Ordinal));
        if (ids is null || ids["NSpid:".Length..].Trim() != Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
        {
            return null;
        }

        var processes = new FileInfo("/proc/self/ns/pid").LinkTarget;
        // A kernel before 5.6 has no namespaces of time.
        var time = new FileInfo("/proc/self/ns/time").LinkTarget;
        return processes is null ? null : $"{processes} {time}".TrimEnd();
    });

    /// <summary>Reads the text of a stat file; null for anything else.</summary>
    public static LinuxProcess? Parse(ReadOnlySpan<byte> stat)
    {
        // The command's name stands in parentheses and may hold spaces and parentheses itself: the last one closes it.
        var name = stat.LastIndexOf((byte)')');
        if (name < 0 || name + 2 >= stat.Length)
        {
            return null;
        }

        var fields = stat[(name + 2)..];
        return TryReadField(fields, ParentField, out var parent) && TryReadField(fields, ThreadsField, out var threads)
            && TryReadField(fields, StartField, out var start)
            ? new LinuxProcess((char)fields[0], (int)parent, threads, start)
            : null;
    }

    /// <summary>The moment of a start time of this boot; null if it cannot be computed.</summary>
    public static DateTime? TimeOf(long start) => Reading<DateTime?>(() =>
    {
        // Both count from boot in our namespace of time, suspension included; the wall clock may have been set since.
        return DateTime.UtcNow.AddSeconds(((double)start / TicksPerSecond) - ReadUptime());
    });

    /// <summary>The present moment in clock ticks since boot; null if it cannot be read.</summary>
    public static long? ReadNow() => Reading<long?>(() => (long)(ReadUptime() * TicksPerSecond));

    /// <summary>A time span in clock ticks.</summary>
    public static long TicksOf(TimeSpan span) => (long)(span.TotalSeconds * TicksPerSecond);

    private static double ReadUptime() => double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);

    private static LinuxProcess? ReadStat(string path) => Reading<LinuxProcess?>(() => Parse(File.ReadAllBytes(path)));

    private static bool TryReadField(ReadOnlySpan<byte> fields, int index, out long value)
    {
        value = 0;
        var position = 0;
        foreach (var field in fields.Split((byte)' '))
        {
            if (position++ == index)
            {
                return Utf8Parser.TryParse(fields[field], out value, out _);
            }
        }

        return false;
    }

    private static T? Reading<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException or ArgumentException)
        {
            return default;
        }
    }
}
