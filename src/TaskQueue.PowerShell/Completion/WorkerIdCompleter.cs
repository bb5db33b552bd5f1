namespace TaskQueue.PowerShell;

/// <summary>Completes ids of workers; the name tells them apart.</summary>
public sealed class WorkerIdCompleter : QueueCompleter
{
    internal override IEnumerable<(string Text, string Tip)> CandidatesOf(
        ITaskStore store, string command, CancellationToken cancellation) =>
        store.Workers.Read(cancellation)
            .OrderByDescending(worker => worker.HeartbeatAt)
            .Select(worker => (worker.Identity.Id.ToString(), $"{worker.Identity.Name}, {worker.Kind}"));
}
