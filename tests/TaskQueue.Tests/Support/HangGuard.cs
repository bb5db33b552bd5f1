namespace TaskQueue.Tests;

/// <summary>
/// How long tests wait for what is meant to happen before they call it hung. A test ends as soon as it has happened; this says nothing of
/// how fast that is.
/// </summary>
internal static class HangGuard
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);
}
