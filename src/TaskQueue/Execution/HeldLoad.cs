namespace TaskQueue;

/// <summary>
/// How many held tasks wait for a slot, and how many run in one. Both are kept in one number, so that they are read together.
/// </summary>
internal sealed class HeldLoad
{
    private const int RunningBits = 32;
    private const long OneWaiting = 1L << RunningBits;

    private long _counts;

    public (int Waiting, int Running) Now
    {
        get
        {
            var counts = Interlocked.Read(ref _counts);
            return ((int)(counts >> RunningBits), (int)counts);
        }
    }

    public void Change(int waiting, int running) => Interlocked.Add(ref _counts, (waiting * OneWaiting) + running);
}
