using System.Buffers;
using System.Globalization;

namespace TaskQueue;

/// <summary>Processes as /proc tells them.</summary>
internal sealed class LinuxProcessTable : ProcessTable
{
    // The kernel gives arguments and environment together no more than 6 MB.
    private const int LargestEnvironment = 8 * 1024 * 1024;

    public override IReadOnlyList<int> Ids() => ProcessIds.In("/proc");

    public override IReadOnlyList<int> Children() =>
        [.. Ids().Where(id => LinuxProcess.Read(id) is { } process && process.Parent == Environment.ProcessId)];

    public override long? StartOf(int id) => LinuxProcess.Read(id) is { HasEnded: false } process ? process.Start : null;

    public override bool Kill(int id, Func<bool> isMeant) => ProcessIds.Signal(id, isMeant, UnixCalls.Kill);

    public override ReadOnlySpan<byte> ReadEnvironment(int id, ref byte[] buffer)
    {
        var file = LinuxCalls.Open(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/environ"));
        if (file < 0)
        {
            return [];
        }

        try
        {
            var length = 0;
            while (true)
            {
                var read = (int)LinuxCalls.Read(file, buffer.AsSpan(length), buffer.Length - length);
                if (read <= 0)
                {
                    return buffer.AsSpan(0, length);
                }

                length += read;
                if (length == buffer.Length)
                {
                    if (length >= LargestEnvironment)
                    {
                        return buffer;
                    }

                    var larger = ArrayPool<byte>.Shared.Rent(2 * length);
                    buffer.CopyTo(larger, 0);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        finally
        {
            _ = LinuxCalls.Close(file);
        }
    }
}
