using System.Text;

namespace TaskQueue;

/// <summary>The end of what a program writes, in memory that does not grow with it.</summary>
/// <param name="limit">How many bytes are kept.</param>
internal sealed class OutputTail(int limit) : IProgramOutput
{
    private readonly Lock _gate = new();

    // Twice the limit, so that the end is moved to the front only once for each length of it.
    private readonly byte[] _buffer = new byte[2 * limit];
    private int _length;
    private bool _isCut;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _isCut |= _length + bytes.Length > limit;
            bytes = bytes[Math.Max(0, bytes.Length - limit)..];
            if (_length + bytes.Length > _buffer.Length)
            {
                var kept = Math.Min(_length, limit);
                _buffer.AsSpan(_length - kept, kept).CopyTo(_buffer);
                _length = kept;
            }

            bytes.CopyTo(_buffer.AsSpan(_length));
            _length += bytes.Length;
        }
    }

    /// <summary>As text, without white space at the end; begins with an ellipsis if something is missing there.</summary>
    public string ToText()
    {
        lock (_gate)
        {
            var end = _buffer.AsSpan(0, _length)[Math.Max(0, _length - limit)..];
            while (_isCut && end.Length > 0 && (end[0] & 0xC0) == 0x80)
            {
                // The rest of a character that was cut in two.
                end = end[1..];
            }

            // A zero in a text would end it in some of the places it goes to.
            var text = Encoding.UTF8.GetString(end).Replace('\0', '\uFFFD').TrimEnd();
            return _isCut ? "…" + text : text;
        }
    }
}
