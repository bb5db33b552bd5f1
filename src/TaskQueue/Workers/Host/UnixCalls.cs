using System.Runtime.InteropServices;

namespace TaskQueue;

/// <summary>What the base class library leaves out of Unix.</summary>
internal static partial class UnixCalls
{
    public const int Kill = 9;
    public const int Stop = 19;
    public const int Terminate = 15;

    private const int Hangup = 1;
    private const nint Ignored = 1;
    // More than the structure takes on any platform.
    private const int SignalAction = 256;
    private const int NoSuchProcess = 3;
    // SIGHUP, SIGINT and SIGQUIT are the signals 1 to 3, and a set has a bit for each from the lowest on.
    private const byte TerminalSignals = 0b111;
    // More than a set of signals takes on any platform.
    private const int SignalSet = 128;
    private const int MayExecute = 1;

    /// <summary>Sends a signal to a process, or to a group by its negative id; false if it could not be sent.</summary>
    public static bool Signal(int process, int signal) => SendSignal(process, signal) == 0;

    /// <summary>True only if the kernel says that no process has this id.</summary>
    public static bool IsKnownAbsent(int process) => SendSignal(process, 0) != 0 && Marshal.GetLastPInvokeError() == NoSuchProcess;

    /// <summary>True if this process ignores SIGHUP, as nohup has it do.</summary>
    public static bool IgnoresHangup()
    {
        Span<byte> action = stackalloc byte[SignalAction];
        // The handler comes first, on Linux as on macOS.
        return ReadAction(Hangup, 0, action) == 0 && MemoryMarshal.Read<nint>(action) == Ignored;
    }

    /// <summary>
    /// Keeps what a terminal sends to all its processes (Ctrl+C, its end) from this thread, and from every program that it starts: those
    /// inherit it. Other threads of the process get the signals as before. A program may take them back, as dash does (<c>sh</c> on
    /// Debian).
    /// </summary>
    public static void BlockTerminalSignals()
    {
        Span<byte> signals = stackalloc byte[SignalSet];
        signals[0] = TerminalSignals;
        // SIG_BLOCK
        _ = ChangeBlocked(OperatingSystem.IsMacOS() ? 1 : 0, signals, 0);
    }

    /// <summary>True if this user may run the file, or search the folder.</summary>
    public static bool IsExecutable(string path) => Access(path, MayExecute) == 0;

    /// <summary>A value of the kernel by its name (macOS); 0 for success.</summary>
    [LibraryImport("libc", EntryPoint = "sysctlbyname", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int SystemValue(string name, [Out] byte[] value, ref nuint length, nint newValue, nuint newLength);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int ReadAction(int signal, nint newAction, Span<byte> action);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int ChangeBlocked(int how, Span<byte> signals, nint before);

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Access(string path, int mode);
}
