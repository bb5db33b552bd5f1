using System.Globalization;

namespace TaskQueue;

/// <summary>What this machine knows of processes: who we are, and whether a worker's process lives.</summary>
public static class HostProcesses
{
    // Where start times are wall-clock times, they are converted more than once on their way.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    /// <summary>Which start of this machine it is; see <see cref="WorkerIdentity.Boot"/>.</summary>
    public static string? Boot => HostFacts.Current.Boot;

    /// <summary>An identity of this process for a new worker, to be freed at its end.</summary>
    public static WorkerIdentity NewWorkerIdentity() => new()
    {
        Id = WorkerNumbers.NewId(),
        Machine = HostFacts.Current.Machine,
        Boot = HostFacts.Current.Boot,
        Namespace = HostFacts.Current.Namespace,
        ProcessId = Environment.ProcessId,
        ProcessStart = HostFacts.Current.ProcessStart,
        User = Environment.UserName,
    };

    /// <summary>The worker has ended: its name may be another one's.</summary>
    public static void FreeWorkerIdentity(WorkerIdentity identity) => WorkerNumbers.Free(identity.Id);

    /// <summary>
    /// True if whoever started this process had it ignore SIGHUP, as nohup does: then it is to go on when its terminal is closed.
    /// </summary>
    public static bool IgnoresHangup => !OperatingSystem.IsWindows() && UnixCalls.IgnoresHangup();

    /// <summary>Whether the worker's process lives. What cannot be read is unknown, never gone. Never throws.</summary>
    public static Liveness LivenessOf(WorkerIdentity worker) => Judge(worker, HostFacts.Current, ProcessSighting.Of);

    /// <summary>The same with what is known here, and with the way to look at a process, given.</summary>
    internal static Liveness Judge(WorkerIdentity worker, HostFacts here, Func<int, ProcessSighting> look)
    {
        if (worker.Machine != here.Machine)
        {
            return Unknown(worker, "is on another machine");
        }

        if (!here.IsComplete || worker.Boot is null || worker.ProcessStart is not { } start || worker.ProcessId < 1)
        {
            return Unknown(worker, "cannot be looked at: too little is known of its process or of this machine");
        }

        // No proof of death: it looks like this machine before it was started again, but two machines can have one name, such as
        // a pod that was moved while its old node is only cut off. Cloned machines share every other mark as well.
        if (worker.Boot != here.Boot)
        {
            return Unknown(worker, "is on another machine of that name, or from before this one was started");
        }

        if (worker.Namespace != here.Namespace)
        {
            return Unknown(worker, "is in another container");
        }

        var sighting = look(worker.ProcessId);
        return sighting.Presence switch
        {
            ProcessPresence.Absent => Gone(worker, start, "no process with that start"),
            ProcessPresence.There when sighting.Start is { } seen && !IsSame(start, seen) =>
                Gone(worker, start, "no process with that start"),
            ProcessPresence.Ended => Gone(worker, start, "its process has ended"),
            ProcessPresence.There when sighting.Start is not null => new Liveness(LivenessState.Alive, $"{worker.Name} lives"),
            _ => Unknown(worker, "cannot be looked at: when its process started is hidden"),
        };
    }

    private static bool IsSame(long registered, long seen) =>
        OperatingSystem.IsLinux() ? registered == seen : Math.Abs((decimal)registered - seen) <= Tolerance.Ticks;

    private static Liveness Unknown(WorkerIdentity worker, string why) => new(LivenessState.Unknown, $"{worker.Name} {why}");

    private static Liveness Gone(WorkerIdentity worker, long start, string why)
    {
        var since = TimeOf(start) is { } time ? time.ToLocalTime().ToString(" '(since 'MM-dd HH:mm')'", CultureInfo.InvariantCulture) : "";
        return new Liveness(LivenessState.Gone, $"{worker.Name}{since} is gone: {why}");
    }

    private static DateTime? TimeOf(long start)
    {
        if (OperatingSystem.IsLinux())
        {
            return LinuxProcess.TimeOf(start);
        }

        return start >= DateTime.MinValue.Ticks && start <= DateTime.MaxValue.Ticks ? new DateTime(start, DateTimeKind.Utc) : null;
    }
}
