using System.Runtime.InteropServices;

namespace TaskQueue;

/// <summary>Reading /proc and signalling without an exception for each process of another user.</summary>
internal static partial class LinuxCalls
{
    private const int ReadOnlyCloseOnExec = 0x80000;
    // The same on every processor: calls newer than 5.0 have one number.
    private const int SignalByHandle = 424;
    private const int OpenHandle = 434;
    private const int AllChildren = 0;
    // WNOHANG, WEXITED and WNOWAIT: looks, waits for nothing, and takes nothing away.
    private const int OnlyLook = 1 | 4 | 0x01000000;
    private const int NoChild = 10;
    private const int SignalInfo = 128;

    /// <summary>A handle for reading; negative if the file cannot be read.</summary>
    public static int Open(string path) => Open(path, ReadOnlyCloseOnExec, 0);

    /// <summary>
    /// A handle that means this process and never a later one of the same id; negative if there is none (kernel before 5.3).
    /// </summary>
    public static int OpenProcess(int process) => (int)SystemCall(OpenHandle, process, 0, 0, 0);

    /// <summary>Sends a signal to the process of a handle; false if it could not be sent.</summary>
    public static bool Signal(int handle, int signal) => SystemCall(SignalByHandle, handle, signal, 0, 0) == 0;

    /// <summary>False only if the kernel says that this process has no child at all: one call, instead of a look at each thread.</summary>
    public static bool MayHaveChildren()
    {
        Span<byte> info = stackalloc byte[SignalInfo];
        return Wait(AllChildren, 0, info, OnlyLook) == 0 || Marshal.GetLastPInvokeError() != NoChild;
    }

    [LibraryImport("libc", EntryPoint = "read")]
    public static partial nint Read(int handle, Span<byte> buffer, nint length);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int handle);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int Wait(int kind, uint id, Span<byte> info, int options);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth);
}
