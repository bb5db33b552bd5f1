namespace TaskQueue;

/// <summary>Takes what a program writes. Safe to read while it still writes.</summary>
internal interface IProgramOutput
{
    void Add(ReadOnlySpan<byte> bytes);
}
