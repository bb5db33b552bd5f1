using System.Buffers;

namespace TaskQueue;

/// <summary>What a program writes, up to a limit. The rest is read, so that the program goes on, and dropped.</summary>
/// <param name="limit">How many bytes are kept.</param>
internal sealed class OutputHead(int limit) : IProgramOutput
{
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _kept = new();
    private bool _isTooLarge;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _isTooLarge |= bytes.Length > limit - _kept.WrittenCount;
            if (!_isTooLarge)
            {
                _kept.Write(bytes);
            }
        }
    }

    /// <summary>All that was written; null if it was more than the limit.</summary>
    public byte[]? ToArray()
    {
        lock (_gate)
        {
            return _isTooLarge ? null : _kept.WrittenSpan.ToArray();
        }
    }
}
