using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TaskQueue;

/// <summary>
/// Processes as Windows tells them. Those of another user, and those with more rights than this one, show no environment and cannot be
/// killed.
/// </summary>
/// <remarks>
/// What is read of another process's memory stands where it has stood in each Windows of 64 bits, and where debuggers read it: the process
/// environment block leads to the process's parameters, these to its environment.
/// </remarks>
internal sealed class WindowsProcessTable : ProcessTable
{
    // Windows sets no limit. What has more than this is no program that a task started.
    private const int LargestEnvironment = 8 * 1024 * 1024;

    // Of PEB: ProcessParameters. Of RTL_USER_PROCESS_PARAMETERS: Environment and EnvironmentSize.
    private const int ParametersOffset = 0x20;
    private const int EnvironmentOffset = 0x80;
    private const int EnvironmentSizeOffset = 0x3F0;

    // Of SYSTEM_PROCESS_INFORMATION: the list is chained by lengths, the last one is 0.
    private const int IdOffset = 0x50;
    private const int ParentOffset = 0x58;

    public override IReadOnlyList<int> Ids() => List((_, _) => true);

    public override IReadOnlyList<int> Children() => List((_, parent) => parent == Environment.ProcessId);

    public override long? StartOf(int id)
    {
        using var process = WindowsCalls.OpenProcess(WindowsCalls.MayLook | WindowsCalls.MayWait, false, id);
        return !process.IsInvalid
            && WindowsCalls.Wait(process, 0) != 0
            && WindowsCalls.ReadTimes(process, out var start, out _, out _, out _)
            ? start
            : null;
    }

    public override bool Kill(int id, Func<bool> isMeant)
    {
        // While it is open, its id is given to no other process.
        using var process = WindowsCalls.OpenProcess(WindowsCalls.MayEnd, false, id);
        return !process.IsInvalid && isMeant() && WindowsCalls.EndProcess(process, 1);
    }

    public override ReadOnlySpan<byte> ReadEnvironment(int id, ref byte[] buffer)
    {
        using var process = WindowsCalls.OpenProcess(WindowsCalls.MayLook | WindowsCalls.MayRead, false, id);
        if (process.IsInvalid
            || WindowsCalls.ReadBasics(process, 0, out var basics, Marshal.SizeOf<WindowsCalls.ProcessBasics>(), out _) != 0
            || ReadPointer(process, basics.EnvironmentBlock + ParametersOffset) is not { } parameters || parameters == 0
            || ReadPointer(process, parameters + EnvironmentOffset) is not { } environment || environment == 0
            || ReadPointer(process, parameters + EnvironmentSizeOffset) is not { } size || size is <= 0 or > LargestEnvironment)
        {
            return [];
        }

        var text = ArrayPool<byte>.Shared.Rent((int)size);
        try
        {
            var read = text.AsSpan(0, (int)size);
            if (!WindowsCalls.ReadMemory(process, environment, read, size, out var length))
            {
                return [];
            }

            var characters = MemoryMarshal.Cast<byte, char>(read[..(int)length]);
            var needed = Encoding.UTF8.GetMaxByteCount(characters.Length);
            if (buffer.Length < needed)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = ArrayPool<byte>.Shared.Rent(needed);
            }

            return buffer.AsSpan(0, Encoding.UTF8.GetBytes(characters, buffer));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    private static nint? ReadPointer(SafeProcessHandle process, nint address)
    {
        Span<byte> value = stackalloc byte[sizeof(long)];
        return WindowsCalls.ReadMemory(process, address, value, value.Length, out var length) && length == value.Length
            ? MemoryMarshal.Read<nint>(value)
            : null;
    }

    /// <summary>The ids of those that <paramref name="isWanted"/> takes by id and parent.</summary>
    private static List<int> List(Func<int, int, bool> isWanted)
    {
        var ids = new List<int>();
        var buffer = ArrayPool<byte>.Shared.Rent(512 * 1024);
        try
        {
            int status;
            while ((status = WindowsCalls.ReadSystem(WindowsCalls.AllProcesses, buffer, buffer.Length, out _)) == WindowsCalls.TooShort)
            {
                var length = buffer.Length;
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = ArrayPool<byte>.Shared.Rent(2 * length);
            }

            for (var entry = buffer.AsSpan(); status == 0; entry = entry[MemoryMarshal.Read<int>(entry)..])
            {
                var (id, parent) = ((int)MemoryMarshal.Read<nint>(entry[IdOffset..]), (int)MemoryMarshal.Read<nint>(entry[ParentOffset..]));
                // The idle process has the id 0.
                if (id != 0 && isWanted(id, parent))
                {
                    ids.Add(id);
                }

                if (MemoryMarshal.Read<int>(entry) == 0)
                {
                    break;
                }
            }

            return ids;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
