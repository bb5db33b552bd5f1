namespace TaskQueue;

/// <summary>
/// What this process writes into the environment of the processes that its tasks start. Children inherit it, so the marks find them again.
/// </summary>
/// <remarks>
/// All threads share one environment. So the mark of one task stands there only from the moment before it starts a process until that
/// process is there; another task that wants to start one waits for so long. Linux tells which thread started which process; elsewhere any
/// new child counts. A process that is a task's own already keeps that mark and adds its own: what belongs to the outer task ends with it.
/// </remarks>
internal static class TaskMarks
{
    /// <summary>Marks a process with the tokens of the claims that it works for for certain.</summary>
    public const string Claim = "TASKQUEUE_CLAIM";

    /// <summary>
    /// Marks a process with the tokens of all claims whose scripts ran in its worker's process when it was started. It is used only when
    /// that worker is gone: until then it may belong to another of them, or to none.
    /// </summary>
    public const string Running = "TASKQUEUE_RUNNING";

    // Far longer than it takes to start a process. Counted, not timed: a process that was suspended has lost no time.
    private const int MostLooks = 1000;

    private static readonly object Gate = new();
    private static readonly string? InheritedClaim = Environment.GetEnvironmentVariable(Claim);
    private static readonly string? InheritedRunning = Environment.GetEnvironmentVariable(Running);
    private static readonly HashSet<Guid> Tasks = [];
    private static readonly HashSet<Guid> Servants = [];
    private static Start? _start;
    private static Thread? _watcher;

    /// <summary>The mark of a claim's processes.</summary>
    public static string Of(Guid token) => Join(InheritedClaim, token.ToString());

    /// <summary>Says that a script of the claim runs in this process.</summary>
    public static void Add(Guid token) => Change(tasks => tasks.Add(token));

    /// <summary>Says that it does not run any more.</summary>
    public static void Remove(Guid token) => Change(tasks => tasks.Remove(token));

    /// <summary>
    /// Says that something runs here whose processes serve all tasks, until <see cref="Remove"/>: what bears the mark that is returned ends
    /// with no task.
    /// </summary>
    public static Guid AddServant()
    {
        var mark = Guid.NewGuid();
        Change(tasks =>
        {
            Servants.Add(mark);
            tasks.Add(mark);
        });
        return mark;
    }

    /// <summary>True unless a script of another one of the claims still runs here, or the process may serve all tasks.</summary>
    public static bool IsLast(Guid token, IEnumerable<Guid> tokens)
    {
        lock (Gate)
        {
            return !tokens.Any(other => other != token && (Tasks.Contains(other) || Servants.Contains(other)));
        }
    }

    /// <summary>Called on the thread that starts a process next. Waits while another thread starts one.</summary>
    /// <param name="thread">This thread, as the system names it.</param>
    /// <param name="token">The claim it works for; null for none.</param>
    public static void Begin(int thread, Guid? token)
    {
        lock (Gate)
        {
            if (_start?.Thread == thread)
            {
                // It has gone on, and comes with the next one.
                Finish();
            }

            while (_start is not null)
            {
                Monitor.Wait(Gate);
            }

            _start = new Start(thread, [.. ChildrenOf(thread)]);
            if (token is { } known)
            {
                Environment.SetEnvironmentVariable(Claim, Of(known));
            }

            if (_watcher is null)
            {
                _watcher = new Thread(Watch) { IsBackground = true, Name = "TaskQueue marks" };
                _watcher.Start();
            }

            Monitor.PulseAll(Gate);
        }
    }

    /// <summary>Says that the thread has started what it was about to start, or has given it up.</summary>
    public static void End(int thread)
    {
        lock (Gate)
        {
            if (_start?.Thread == thread)
            {
                Finish();
            }
        }
    }

    private static void Watch()
    {
        while (true)
        {
            Start start;
            lock (Gate)
            {
                while (_start is null)
                {
                    Monitor.Wait(Gate);
                }

                start = _start;
            }

            for (var looks = 0; !IsOver(start) && looks < MostLooks; looks++)
            {
                Thread.Sleep(1);
            }

            lock (Gate)
            {
                if (_start == start)
                {
                    Finish();
                }
            }
        }
    }

    private static bool IsOver(Start start)
    {
        lock (Gate)
        {
            return _start != start || ChildrenOf(start.Thread).Any(child => !start.Before.Contains(child));
        }
    }

    private static IReadOnlyList<int> ChildrenOf(int thread) =>
        LinuxChildren.AreKnown ? LinuxChildren.OfThread(thread) : ProcessTable.Current!.Children();

    private static void Finish()
    {
        _start = null;
        Environment.SetEnvironmentVariable(Claim, InheritedClaim);
        Monitor.PulseAll(Gate);
    }

    private static void Change(Action<HashSet<Guid>> change)
    {
        lock (Gate)
        {
            change(Tasks);
            Environment.SetEnvironmentVariable(
                Running, Tasks.Count == 0 ? InheritedRunning : Join(InheritedRunning, string.Join(',', Tasks)));
        }
    }

    private static string Join(string? inherited, string added) => string.IsNullOrEmpty(inherited) ? added : $"{inherited},{added}";

    /// <summary>A process that is being started.</summary>
    /// <param name="Thread">Which thread starts it.</param>
    /// <param name="Before">What that thread had started before.</param>
    private sealed record Start(int Thread, HashSet<int> Before);
}
