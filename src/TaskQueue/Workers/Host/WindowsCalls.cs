using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TaskQueue;

/// <summary>What the base class library leaves out of Windows.</summary>
internal static partial class WindowsCalls
{
    /// <summary>CTRL_BREAK_EVENT.</summary>
    public const int ControlBreak = 1;

    /// <summary>JobObjectExtendedLimitInformation.</summary>
    public const int ExtendedLimits = 9;

    /// <summary>JobObjectBasicAccountingInformation.</summary>
    public const int Accounting = 1;

    /// <summary>JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE.</summary>
    public const uint KillOnJobClose = 0x2000;

    /// <summary>JOB_OBJECT_LIMIT_BREAKAWAY_OK: who asks for it may start what does not belong to the job.</summary>
    public const uint MayBreakAway = 0x800;

    /// <summary>JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK: what is started does not belong to the job.</summary>
    public const uint AllBreakAway = 0x1000;

    /// <summary>PROCESS_QUERY_LIMITED_INFORMATION.</summary>
    public const uint MayLook = 0x1000;

    /// <summary>PROCESS_VM_READ.</summary>
    public const uint MayRead = 0x10;

    /// <summary>SYNCHRONIZE.</summary>
    public const uint MayWait = 0x100000;

    /// <summary>PROCESS_TERMINATE.</summary>
    public const uint MayEnd = 1;

    /// <summary>SystemProcessInformation.</summary>
    public const int AllProcesses = 5;

    /// <summary>STATUS_INFO_LENGTH_MISMATCH.</summary>
    public const int TooShort = unchecked((int)0xC0000004);

    private const string Kernel = "kernel32.dll";
    private const string Native = "ntdll.dll";

    /// <summary>GenerateConsoleCtrlEvent: to a group of processes that share our console.</summary>
    [LibraryImport(Kernel, EntryPoint = "GenerateConsoleCtrlEvent", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool SendConsoleEvent(int controlEvent, int group);

    [LibraryImport(Kernel, EntryPoint = "CreateJobObjectW", SetLastError = true)]
    public static partial SafeFileHandle CreateJob(nint security, nint name);

    [LibraryImport(Kernel, EntryPoint = "SetInformationJobObject", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool SetJobLimits(SafeFileHandle job, int kind, in JobLimits limits, int size);

    [LibraryImport(Kernel, EntryPoint = "AssignProcessToJobObject", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool AssignToJob(SafeFileHandle job, SafeProcessHandle process);

    [LibraryImport(Kernel, EntryPoint = "TerminateJobObject", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool TerminateJob(SafeFileHandle job, uint exitCode);

    [LibraryImport(Kernel, EntryPoint = "QueryInformationJobObject", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool ReadJob(SafeFileHandle job, int kind, out JobAccounting accounting, int size, nint length);

    [LibraryImport(Kernel, EntryPoint = "OpenProcess", SetLastError = true)]
    public static partial SafeProcessHandle OpenProcess(uint rights, [MarshalAs(UnmanagedType.Bool)] bool isInherited, int id);

    [LibraryImport(Kernel, EntryPoint = "TerminateProcess", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool EndProcess(SafeProcessHandle process, uint exitCode);

    /// <summary>WaitForSingleObject: 0 if the process has ended.</summary>
    [LibraryImport(Kernel, EntryPoint = "WaitForSingleObject", SetLastError = true)]
    public static partial uint Wait(SafeProcessHandle process, uint milliseconds);

    [LibraryImport(Kernel, EntryPoint = "GetProcessTimes", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool ReadTimes(SafeProcessHandle process, out long start, out long end, out long kernel, out long user);

    [LibraryImport(Kernel, EntryPoint = "ReadProcessMemory", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool ReadMemory(SafeProcessHandle process, nint address, Span<byte> value, nint size, out nint length);

    /// <summary>NtQueryInformationProcess; with 0 ProcessBasicInformation.</summary>
    [LibraryImport(Native, EntryPoint = "NtQueryInformationProcess")]
    public static partial int ReadBasics(SafeProcessHandle process, int kind, out ProcessBasics basics, int size, out int length);

    [LibraryImport(Native, EntryPoint = "NtQuerySystemInformation")]
    public static partial int ReadSystem(int kind, [Out] byte[] value, int size, out int length);

    /// <summary>PROCESS_BASIC_INFORMATION.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ProcessBasics
    {
        public nint ExitStatus;
        public nint EnvironmentBlock;
        public nint Affinity;
        public nint Priority;
        public nint Id;
        public nint Parent;
    }

    /// <summary>JOBOBJECT_BASIC_ACCOUNTING_INFORMATION.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct JobAccounting
    {
        public long TotalUserTime;
        public long TotalKernelTime;
        public long PeriodUserTime;
        public long PeriodKernelTime;
        public uint PageFaults;
        public uint TotalProcesses;
        public uint ActiveProcesses;
        public uint EndedProcesses;
    }

    /// <summary>JOBOBJECT_EXTENDED_LIMIT_INFORMATION; only the flags are set.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct JobLimits
    {
        public long PerProcessUserTimeLimit;
        public long PerJobUserTimeLimit;
        public uint Flags;
        public nuint MinimumWorkingSetSize;
        public nuint MaximumWorkingSetSize;
        public uint ActiveProcessLimit;
        public nuint Affinity;
        public uint PriorityClass;
        public uint SchedulingClass;
        public ulong ReadOperations;
        public ulong WriteOperations;
        public ulong OtherOperations;
        public ulong ReadTransfers;
        public ulong WriteTransfers;
        public ulong OtherTransfers;
        public nuint ProcessMemoryLimit;
        public nuint JobMemoryLimit;
        public nuint PeakProcessMemoryUsed;
        public nuint PeakJobMemoryUsed;
    }
}
