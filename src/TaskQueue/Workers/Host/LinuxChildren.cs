using System.Globalization;

namespace TaskQueue;

/// <summary>The processes that this one has started, each with the thread that did it; see proc_pid_task(5), <c>children</c>.</summary>
internal static class LinuxChildren
{
    // Each round stops what was started since the one before: only what starts processes without end could need more.
    private const int MostRounds = 20;

    /// <summary>Whether the kernel tells which thread started what; most do.</summary>
    public static bool AreKnown { get; } = OperatingSystem.IsLinux()
        && HostFacts.Current.Namespace is not null && CurrentThread is { } thread
        && File.Exists(PathOf(thread));

    /// <summary>This thread, as the system names it; null if it cannot be read.</summary>
    public static int? CurrentThread
    {
        get
        {
            try
            {
                var name = Path.GetFileName(new FileInfo("/proc/thread-self").LinkTarget);
                return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>The threads of this process that began at a moment or later, in clock ticks since boot.</summary>
    public static List<int> ThreadsSince(long start) =>
        [.. ProcessIds.In("/proc/self/task").Where(thread => LinuxProcess.ReadThread(thread) is { } known && known.Start >= start)];

    /// <summary>
    /// What a thread of this process has started and still lives. When a thread ends, another one takes its children over.
    /// </summary>
    public static List<int> OfThread(int thread)
    {
        try
        {
            var ids = File.ReadAllText(PathOf(thread)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return [.. ids.Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Kills processes with all that is below them, and waits for their end.</summary>
    /// <param name="roots">Children of this process.</param>
    public static void KillTrees(IEnumerable<int> roots)
    {
        var found = new Dictionary<int, long>();
        foreach (var root in roots)
        {
            if (LinuxProcess.Read(root) is { } process && process.Parent == Environment.ProcessId)
            {
                found[root] = process.Start;
            }
        }

        // What is suspended starts nothing more, and keeps its children below it.
        var news = found.ToList();
        for (var round = 0; news.Count > 0 && round < MostRounds; round++)
        {
            news.ForEach(process => Signal(process.Key, process.Value, UnixCalls.Stop));
            news = [.. Below(found)];
            news.ForEach(process => found[process.Key] = process.Value);
        }

        foreach (var (id, start) in found)
        {
            Signal(id, start, UnixCalls.Kill);
        }

        SpinWait.SpinUntil(() => found.All(process => !LinuxProcess.IsThere(process.Key, process.Value)), TaskProcesses.LongestWait);
    }

    private static IEnumerable<KeyValuePair<int, long>> Below(Dictionary<int, long> found)
    {
        foreach (var id in ProcessIds.In("/proc"))
        {
            if (!found.ContainsKey(id) && LinuxProcess.Read(id) is { HasEnded: false } process && found.ContainsKey(process.Parent))
            {
                yield return new(id, process.Start);
            }
        }
    }

    private static void Signal(int id, long start, int signal) => ProcessIds.Signal(id, () => LinuxProcess.IsThere(id, start), signal);

    private static string PathOf(int thread) => string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{thread}/children");
}
