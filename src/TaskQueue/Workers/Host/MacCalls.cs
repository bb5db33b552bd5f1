using System.Runtime.InteropServices;

namespace TaskQueue;

/// <summary>What the base class library leaves out of macOS.</summary>
internal static partial class MacCalls
{
    /// <summary>CTL_KERN.</summary>
    public const int Kernel = 1;

    /// <summary>KERN_PROCARGS2.</summary>
    public const int ArgumentsAndEnvironment = 49;

    /// <summary>PROC_PIDTBSDINFO.</summary>
    public const int BasicInformation = 3;

    private const string Processes = "/usr/lib/libproc.dylib";

    /// <summary>A value of the kernel by its numbers; 0 for success. Without a place for the value it tells how long that is.</summary>
    [LibraryImport("libc", EntryPoint = "sysctl", SetLastError = true)]
    public static partial int SystemValue(
        ReadOnlySpan<int> name, int nameLength, byte[]? value, ref nuint length, nint newValue, nuint newLength);

    /// <summary>Fills in the ids of all processes, and returns how many.</summary>
    [LibraryImport(Processes, EntryPoint = "proc_listallpids")]
    public static partial int ListProcesses([Out] int[] ids, int size);

    /// <summary>Returns how much it has filled in.</summary>
    [LibraryImport(Processes, EntryPoint = "proc_pidinfo")]
    public static partial int ReadProcess(int id, int kind, ulong argument, Span<byte> info, int size);
}
