using System.Buffers;
using System.Runtime.InteropServices;

namespace TaskQueue;

/// <summary>Processes as macOS tells them. Those of another user, and those that the system protects, show no environment.</summary>
internal sealed class MacProcessTable : ProcessTable
{
    // Of struct proc_bsdinfo, see sys/proc_info.h.
    private const int InfoLength = 136;
    private const int StatusOffset = 4;
    private const int ParentOffset = 16;
    private const int SecondsOffset = 120;
    private const int MicrosecondsOffset = 128;
    private const int Ended = 5;

    public override IReadOnlyList<int> Ids()
    {
        var ids = new int[4096];
        int count;
        while ((count = MacCalls.ListProcesses(ids, ids.Length * sizeof(int))) >= ids.Length)
        {
            ids = new int[2 * ids.Length];
        }

        return [.. ids.Take(count).Where(id => id > 0)];
    }

    public override IReadOnlyList<int> Children()
    {
        Span<byte> info = stackalloc byte[InfoLength];
        var children = new List<int>();
        foreach (var id in Ids())
        {
            if (TryRead(id, info) && MemoryMarshal.Read<int>(info[ParentOffset..]) == Environment.ProcessId)
            {
                children.Add(id);
            }
        }

        return children;
    }

    public override long? StartOf(int id)
    {
        Span<byte> info = stackalloc byte[InfoLength];
        return TryRead(id, info) && MemoryMarshal.Read<int>(info[StatusOffset..]) != Ended
            ? (MemoryMarshal.Read<long>(info[SecondsOffset..]) * 1_000_000) + MemoryMarshal.Read<long>(info[MicrosecondsOffset..])
            : null;
    }

    public override bool Kill(int id, Func<bool> isMeant) => isMeant() && UnixCalls.Signal(id, UnixCalls.Kill);

    public override ReadOnlySpan<byte> ReadEnvironment(int id, ref byte[] buffer)
    {
        ReadOnlySpan<int> name = [MacCalls.Kernel, MacCalls.ArgumentsAndEnvironment, id];
        nuint length = 0;
        if (MacCalls.SystemValue(name, name.Length, null, ref length, 0, 0) != 0)
        {
            return [];
        }

        if (buffer.Length < (int)length)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = ArrayPool<byte>.Shared.Rent((int)length);
        }

        length = (nuint)buffer.Length;
        return MacCalls.SystemValue(name, name.Length, buffer, ref length, 0, 0) == 0 ? EnvironmentOf(buffer.AsSpan(0, (int)length)) : [];
    }

    /// <summary>
    /// The environment within what the kernel gives: the number of arguments, the program's path, zeros, the arguments, the environment.
    /// </summary>
    internal static ReadOnlySpan<byte> EnvironmentOf(ReadOnlySpan<byte> text)
    {
        if (text.Length < sizeof(int))
        {
            return [];
        }

        var arguments = MemoryMarshal.Read<int>(text);
        text = text[sizeof(int)..];
        text = After(text);
        text = text.TrimStart((byte)0);
        for (var index = 0; index < arguments; index++)
        {
            text = After(text);
        }

        return text;
    }

    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> text) => text.IndexOf((byte)0) is >= 0 and var end ? text[(end + 1)..] : [];

    private static bool TryRead(int id, Span<byte> info) =>
        MacCalls.ReadProcess(id, MacCalls.BasicInformation, 0, info, info.Length) == info.Length;
}
