using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TaskQueue;

/// <summary>
/// A job object: what is in it, and all that this starts, can be ended together, and ends with this process even if that is killed,
/// since the job's last handle is closed then.
/// </summary>
internal sealed class WindowsJob : IDisposable
{
    private readonly SafeFileHandle _handle;

    private WindowsJob(SafeFileHandle handle) => _handle = handle;

    /// <summary>How many processes are in it.</summary>
    public int Count =>
        WindowsCalls.ReadJob(_handle, WindowsCalls.Accounting, out var accounting, Marshal.SizeOf<WindowsCalls.JobAccounting>(), 0)
            ? (int)accounting.ActiveProcesses
            : 0;

    /// <summary>A new job; null if the system gives none.</summary>
    /// <param name="limits">What it is to do, of the flags of <see cref="WindowsCalls"/>.</param>
    public static WindowsJob? TryCreate(uint limits = WindowsCalls.KillOnJobClose)
    {
        var job = new WindowsJob(WindowsCalls.CreateJob(0, 0));
        if (!job._handle.IsInvalid && job.Limit(limits))
        {
            return job;
        }

        job.Dispose();
        return null;
    }

    /// <summary>
    /// Takes a process in, with what it starts from now on. Without effect on one that has ended already.
    /// </summary>
    public bool Add(SafeProcessHandle process) => WindowsCalls.AssignToJob(_handle, process);

    /// <summary>
    /// Sets what it does, of the flags of <see cref="WindowsCalls"/>; 0 lets what is in the job live on when this is disposed of.
    /// </summary>
    public bool Limit(uint flags)
    {
        var limits = new WindowsCalls.JobLimits { Flags = flags };
        return WindowsCalls.SetJobLimits(_handle, WindowsCalls.ExtendedLimits, in limits, Marshal.SizeOf<WindowsCalls.JobLimits>());
    }

    /// <summary>Ends all that is in the job, and waits for that.</summary>
    public void Terminate()
    {
        _ = WindowsCalls.TerminateJob(_handle, 1);
        SpinWait.SpinUntil(() => Count == 0, TaskProcesses.LongestWait);
    }

    public void Dispose() => _handle.Dispose();
}
