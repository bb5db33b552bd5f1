using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace TaskQueue.Tests.Workers;

/// <summary>A source of work that is no store: it hands each call on by hand, as one over HTTP would, and counts them.</summary>
internal sealed class ForwardingSource(ITaskStore store) : IWorkSource, IWorkerRegistration
{
    private volatile bool _refusesChanges;
    private readonly ConcurrentDictionary<string, int> _calls = new(StringComparer.Ordinal);

    public DateTimeOffset Now => Counted(store.Now);

    public IWorkerRegistration Workers => this;

    public ITaskStore? Maintained => Counted<ITaskStore?>(null);

    /// <summary>How often each member was called.</summary>
    public IReadOnlyDictionary<string, int> Calls => _calls;

    public QueueTask? Find(string id, CancellationToken cancellation) => Counted(store.Find(id, cancellation));

    public IReadOnlyList<QueueTask> Claim(ClaimRequest request, CancellationToken cancellation) =>
        Counted(store.Claim(request, cancellation));

    public IReadOnlyList<string> ClaimableTypes(CancellationToken cancellation) => Counted(store.ClaimableTypes(cancellation));

    public IReadOnlyList<QueueTask> FindClaimed(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation) =>
        Counted(store.FindClaimed(tokens, cancellation));

    public DateTimeOffset? NextDue(CancellationToken cancellation) => Counted(store.NextDue(cancellation));

    /// <summary>While this is true, the queue cannot be written.</summary>
    public bool RefusesChanges
    {
        get => _refusesChanges;
        set => _refusesChanges = value;
    }

    public IReadOnlyList<TaskOutcome> Change(IReadOnlyList<WorkerChange> changes, NewOperation operation, CancellationToken cancellation)
    {
        Count();
        return RefusesChanges ? throw new QueueUnavailableException("The queue is away.") : store.Change(changes, operation, cancellation);
    }

    public IDisposable Watch(Action changed) => Counted(store.Watch(changed));

    public void Put(WorkerRecord worker, CancellationToken cancellation)
    {
        Count();
        store.Workers.Put(worker, cancellation);
    }

    public void Remove(Guid worker, CancellationToken cancellation)
    {
        Count();
        store.Workers.Remove(worker, cancellation);
    }

    public WorkerSignals Signals(Guid worker, CancellationToken cancellation) => Counted(store.Workers.Signals(worker, cancellation));

    public IReadOnlyList<TaskStop> TakeStops(Guid worker, CancellationToken cancellation) =>
        Counted(store.Workers.TakeStops(worker, cancellation));

    public void ConfirmStops(IReadOnlyList<StopReceipt> receipts, NewOperation operation, CancellationToken cancellation)
    {
        Count();
        store.Workers.ConfirmStops(receipts, operation, cancellation);
    }

    public bool IsLost(Guid token, CancellationToken cancellation) => Counted(store.Workers.IsLost(token, cancellation));

    public void Dispose()
    {
        // The queue is its owner's.
    }

    private T Counted<T>(T answer, [CallerMemberName] string member = "")
    {
        Count(member);
        return answer;
    }

    private void Count([CallerMemberName] string member = "") => _calls.AddOrUpdate(member, 1, (_, calls) => calls + 1);
}
