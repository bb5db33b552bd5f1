using System.Diagnostics;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>The progress of a worker, shown twice a second.</summary>
internal sealed class WorkerProgress(string worker, IEnumerable<string> types)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>The rate is that of the last 5 s. It is steady enough to be read, and quick enough to show a change.</summary>
    private const int Samples = 10;

    private readonly string _activity = $"Worker {worker}  {string.Join(", ", types)}";
    private readonly Queue<(long Time, long Ended)> _samples = new([(Stopwatch.GetTimestamp(), 0)]);
    private long _next = Stopwatch.GetTimestamp();

    /// <summary>How long until the next record is due.</summary>
    public TimeSpan UntilNext => TimeSpan.FromTicks(Math.Max(0, Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _next).Ticks));

    public ProgressRecord Completed => new(0, _activity, "ended") { RecordType = ProgressRecordType.Completed };

    /// <summary>The next record, such as <c>1204 done, 3 failed, 4 running, 212/s</c>.</summary>
    public ProgressRecord Next(WorkerCounts counts)
    {
        var now = Stopwatch.GetTimestamp();
        _next = now + (long)(Period.TotalSeconds * Stopwatch.Frequency);
        var ended = counts.Done + counts.Failed + counts.Retried;
        _samples.Enqueue((now, ended));
        if (_samples.Count > Samples + 1)
        {
            _samples.Dequeue();
        }

        var (time, before) = _samples.Peek();
        var seconds = Stopwatch.GetElapsedTime(time, now).TotalSeconds;
        var rate = seconds > 0 ? (ended - before) / seconds : 0;
        var retried = counts.Retried > 0 ? FormattableString.Invariant($"{counts.Retried} retried, ") : "";
        return new ProgressRecord(0, _activity, FormattableString.Invariant(
            $"{counts.Done} done, {counts.Failed} failed, {retried}{counts.Running} running, {rate:0.#}/s"));
    }
}
