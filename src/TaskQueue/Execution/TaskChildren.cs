using System.Collections.Concurrent;
using System.Diagnostics;

namespace TaskQueue;

/// <summary>
/// The processes that a handler starts from within this process. They end with the handler, however far they have moved from it.
/// </summary>
/// <remarks>
/// For handlers that run in this process, such as scripts; see <see cref="ProgramHandler"/> for those that are programs. Linux alone tells
/// which thread has started what. Elsewhere the marks of <see cref="TaskMarks"/> say it, and on Windows the job of an <see
/// cref="DedicatedProcess"/>.
/// </remarks>
public sealed class TaskChildren
{
    // The threads that handlers run on: what they start is told apart by the thread itself.
    private static readonly ConcurrentDictionary<int, bool> HandlerThreads = [];

    private readonly Lock _gate = new();
    private readonly Guid _token;
    private readonly int _thread;
    private readonly bool _keep;
    private readonly HashSet<int> _before;
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly TaskExecution _execution;
    private readonly CancellationTokenRegistration _kill;
    private volatile bool _hasMarked;
    private volatile bool _mayHaveDetached;
    private bool _hasEnded;

    private TaskChildren(TaskExecution execution, int thread, bool keep)
    {
        _execution = execution;
        _token = execution.Task.ClaimToken!.Value;
        _thread = thread;
        _keep = keep;
        _before = LinuxChildren.AreKnown && LinuxCalls.MayHaveChildren() ? [.. LinuxChildren.OfThread(thread)] : [];
        if (!keep)
        {
            TaskMarks.Add(_token);
        }

        _kill = execution.Kill.UnsafeRegister(static state => ((TaskChildren)state!).BeginKill(), this);
    }

    /// <summary>
    /// To be called on a thread that handlers run on, one at a time: gives a name for it, the system's where that is needed, or null where
    /// nothing can be told of its processes. What the thread starts does not get the terminal's Ctrl+C and hangup: these are the worker's,
    /// which lets its tasks end.
    /// </summary>
    public static int? EnterThread()
    {
        if (!OperatingSystem.IsWindows())
        {
            UnixCalls.BlockTerminalSignals();
        }

        if (ProcessTable.Current is null
            || (LinuxChildren.AreKnown ? LinuxChildren.CurrentThread : Environment.CurrentManagedThreadId) is not { } thread)
        {
            return null;
        }

        HandlerThreads[thread] = true;
        return thread;
    }

    /// <summary>To be called when such a thread ends.</summary>
    public static void LeaveThread(int? thread)
    {
        if (thread is { } known)
        {
            HandlerThreads.TryRemove(known, out _);
        }
    }

    /// <summary>To be called before the handler runs. Null where nothing can be told of its processes.</summary>
    /// <param name="execution">The run.</param>
    /// <param name="thread">The thread it runs on, from <see cref="EnterThread"/>.</param>
    /// <param name="keep">Leave alone what still runs when the handler ends by itself.</param>
    public static TaskChildren? Begin(TaskExecution execution, int? thread, bool keep) =>
        thread is { } known && execution.Task.ClaimToken is not null ? new TaskChildren(execution, known, keep) : null;

    /// <summary>
    /// To be called before something runs on a thread of handlers whose processes serve all tasks; what it returns when that has ended.
    /// </summary>
    public static IDisposable BeginServing() => new Serving(TaskMarks.AddServant());

    /// <summary>
    /// To be called on the handler's thread before it starts a process, so that this is marked with all that comes of it.
    /// </summary>
    public void Starting()
    {
        _hasMarked = true;
        TaskMarks.Begin(_thread, _token);
    }

    /// <summary>To be called before the handler may start a process that it cannot mark.</summary>
    public void MayStart() => _mayHaveDetached = true;

    /// <summary>
    /// To be called on a thread of handlers before it starts a process that is no task's, so that it gets no task's mark.
    /// </summary>
    public static void StartingOther(int? thread)
    {
        if (thread is { } known)
        {
            TaskMarks.Begin(known, null);
        }
    }

    /// <summary>May be called once the process has been started.</summary>
    public static void Started(int? thread)
    {
        if (thread is { } known)
        {
            TaskMarks.End(known);
        }
    }

    /// <summary>
    /// To be called when the handler has ended: what it left running is ended, and does not live any more when this returns.
    /// </summary>
    public void End()
    {
        _kill.Unregister();
        lock (_gate)
        {
            TaskMarks.End(_thread);
            TaskMarks.Remove(_token);
            if (!_keep || _execution.IsStopped)
            {
                EndChildren();
            }

            _hasEnded = true;
        }
    }

    // On a thread of its own: it must not block, and the handler may never return.
    private void BeginKill() => new Thread(() =>
    {
        lock (_gate)
        {
            if (!_hasEnded)
            {
                EndChildren();
            }
        }
    })
    { IsBackground = true, Name = "TaskQueue children" }.Start();

    private void EndChildren()
    {
        if (LinuxChildren.AreKnown && LinuxCalls.MayHaveChildren())
        {
            LinuxChildren.KillTrees([.. LinuxChildren.OfThread(_thread).Where(child => !_before.Contains(child)), .. OfOtherThreads()]);
        }

        if (_hasMarked)
        {
            TaskProcesses.KillMarked([_token], IsOfAnotherTask);
        }

        if (_mayHaveDetached || DedicatedProcess.HasStarted)
        {
            TaskProcesses.KillDetached(_token);
        }
    }

    /// <summary>
    /// True for what another handler's thread has started while this task's mark stood in the environment. That thread did not ask for a
    /// mark, as where it starts a process by a method of .NET.
    /// </summary>
    private bool IsOfAnotherTask(int process) => LinuxChildren.AreKnown
        && LinuxProcess.AncestorBelow(Environment.ProcessId, process) is { } child
        && HandlerThreads.Keys.Any(thread => thread != _thread && LinuxChildren.OfThread(thread).Contains(child));

    /// <summary>
    /// What other threads have started that came into being while the handler ran, such as those of its thread jobs: as far as no other
    /// task ran beside it, whose it could be as well.
    /// </summary>
    private IEnumerable<int> OfOtherThreads()
    {
        if (LinuxProcess.ReadNow() is not { } now)
        {
            return [];
        }

        return LinuxChildren.ThreadsSince(now - LinuxProcess.TicksOf(Stopwatch.GetElapsedTime(_began)))
            .Where(thread => !HandlerThreads.ContainsKey(thread))
            .SelectMany(LinuxChildren.OfThread)
            .Where(child =>
                TaskProcesses.ReadMarks(child, TaskMarks.Running) is var marks
                    && marks.Contains(_token)
                    && TaskMarks.IsLast(_token, marks));
    }

    private sealed class Serving(Guid mark) : IDisposable
    {
        public void Dispose() => TaskMarks.Remove(mark);
    }
}
