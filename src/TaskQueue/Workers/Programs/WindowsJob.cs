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

    /// <summary>A new job; null if the system gives none.</summary>
    public static WindowsJob? TryCreate()
    {
        var handle = WindowsCalls.CreateJob(0, 0);
        var limits = new WindowsCalls.JobLimits { Flags = WindowsCalls.KillOnJobClose };
        if (!handle.IsInvalid && WindowsCalls.SetJobLimits(handle, WindowsCalls.ExtendedLimits, in limits, Marshal.SizeOf<WindowsCalls.JobLimits>()))
        {
            return new WindowsJob(handle);
        }

        handle.Dispose();
        return null;
    }

    /// <summary>
    /// Takes a process in, with what it starts from now on. Without effect on one that has ended already.
    /// </summary>
    public void Add(SafeProcessHandle process) => _ = WindowsCalls.AssignToJob(_handle, process);

    /// <summary>Lets what is in the job live on when this is disposed of.</summary>
    public void Release()
    {
        var limits = default(WindowsCalls.JobLimits);
        _ = WindowsCalls.SetJobLimits(_handle, WindowsCalls.ExtendedLimits, in limits, Marshal.SizeOf<WindowsCalls.JobLimits>());
    }

    /// <summary>Ends all that is in the job.</summary>
    public void Terminate() => _ = WindowsCalls.TerminateJob(_handle, 1);

    public void Dispose() => _handle.Dispose();
}
