using System.ComponentModel;
using System.Diagnostics;

namespace TaskQueue;

/// <summary>What a look at one process id shows.</summary>
/// <param name="Presence">Whether a process has the id.</param>
/// <param name="Start">When it started, in the unit of <see cref="WorkerIdentity.ProcessStart"/>; null if that is hidden.</param>
internal readonly record struct ProcessSighting(ProcessPresence Presence, long? Start)
{
    private static readonly ProcessSighting Absent = new(ProcessPresence.Absent, null);
    private static readonly ProcessSighting Hidden = new(ProcessPresence.There, null);

    /// <summary>Looks at a process id, from 1.</summary>
    public static ProcessSighting Of(int id) => OperatingSystem.IsLinux() ? OfLinux(id) : OfProcess(id);

    private static ProcessSighting OfLinux(int id)
    {
        if (LinuxProcess.Read(id) is { } process)
        {
            return new ProcessSighting(process.HasEnded ? ProcessPresence.Ended : ProcessPresence.There, process.Start);
        }

        // A missing entry alone proves nothing: /proc can hide the processes of others.
        return UnixCalls.IsKnownAbsent(id) ? Absent : Hidden;
    }

    private static ProcessSighting OfProcess(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return new ProcessSighting(
                process.HasExited ? ProcessPresence.Ended : ProcessPresence.There, process.StartTime.ToUniversalTime().Ticks);
        }
        catch (ArgumentException)
        {
            return Absent;
        }
        // Another user's process, or one that ended between two questions: the next look tells.
        catch (Exception error) when (error is Win32Exception or InvalidOperationException or NotSupportedException)
        {
            return Hidden;
        }
    }
}

/// <summary>Whether a process has an id.</summary>
internal enum ProcessPresence
{
    /// <summary>It is proven that none has.</summary>
    Absent,

    /// <summary>One has, and it has ended: it can do nothing any more, and waits to be looked after by its parent.</summary>
    Ended,

    /// <summary>One has, running or suspended.</summary>
    There,
}
