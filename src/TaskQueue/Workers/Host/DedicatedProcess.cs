using System.Diagnostics;

namespace TaskQueue;

/// <summary>
/// A process that does nothing but work: all that it starts meanwhile is its tasks' or belongs to what serves them. On Windows it is in a
/// job then, so that the kernel ends all this with it, however it ends. Elsewhere nothing is done.
/// </summary>
public sealed class DedicatedProcess : IDisposable
{
    private const uint WhileItWorks = WindowsCalls.KillOnJobClose | WindowsCalls.MayBreakAway;

    // A process cannot leave a job: one for all of its workers.
    private static readonly Lazy<WindowsJob?> Job = new(Enter);
    private static int _workers;

    private DedicatedProcess()
    {
    }

    /// <summary>
    /// True if what this process has started since it began to work, and still lives, is known to be its tasks'. False where that is not
    /// known.
    /// </summary>
    internal static bool HasStarted => Volatile.Read(ref _workers) > 0 && Job.Value is { Count: > 1 };

    /// <summary>To be called before a worker begins, if this process starts nothing else until the worker has ended.</summary>
    public static DedicatedProcess? Begin()
    {
        if (!OperatingSystem.IsWindows() || Job.Value is not { } job)
        {
            return null;
        }

        if (Interlocked.Increment(ref _workers) == 1)
        {
            _ = job.Limit(WhileItWorks);
        }

        return new DedicatedProcess();
    }

    /// <summary>
    /// To be called when the worker has ended: what lives then goes on when the process ends, and what is started then was never in the
    /// job.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _workers) == 0)
        {
            _ = Job.Value!.Limit(WindowsCalls.AllBreakAway);
        }
    }

    private static WindowsJob? Enter()
    {
        var job = WindowsJob.TryCreate(WindowsCalls.AllBreakAway);
        using var process = Process.GetCurrentProcess();
        if (job?.Add(process.SafeHandle) == true)
        {
            return job;
        }

        job?.Dispose();
        return null;
    }
}
