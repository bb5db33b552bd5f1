using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>
/// Takes due tasks for this session, which is then their worker. It completes them; those left over go back to pending when it ends.
/// </summary>
[Cmdlet(VerbsCommunications.Receive, "QueueTask")]
[OutputType(typeof(QueueTask))]
public sealed class ReceiveQueueTaskCommand : QueueCmdlet
{
    private static readonly TimeSpan DefaultLeaseTime = TimeSpan.FromMinutes(10);

    /// <summary>Which types to take, case-sensitive.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ArgumentCompleter(typeof(TaskTypeCompleter))]
    [RequiresValue]
    public string[] Type { get; set; } = [];

    /// <summary>At most this many; 1 by default.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(1, 1000)]
    [Number]
    public int First { get; set; } = 1;

    /// <summary>Wait until there is a task.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>
    /// How long the claim outlives a session that is out of reach, 1s to 1d; 10m by default. It is renewed while the session lives.
    /// </summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? LeaseTime { get; set; }

    protected override void Process()
    {
        var leaseTime = LeaseTime?.Value ?? DefaultLeaseTime;
        // The bounds of a lease time are those of a worker.
        new WorkerOptions { LeaseTime = leaseTime }.Validate();
        foreach (var type in Type)
        {
            TaskRules.CheckType(type);
        }

        var store = OpenStore(forWriting: true);
        if (store.Info.Layout is QueueLayout.Original)
        {
            throw new LayoutNotSupportedException("claims and leases");
        }

        var session = RunspaceSessions.For(store);
        WriteSessionWarnings();
        var received = session.Receive([.. Type.Distinct(StringComparer.Ordinal)], First, leaseTime, Wait, Cancellation)
            ?? throw new TaskStateException(
                "An operator asked this session to take no more tasks.",
                "Disconnect-TaskQueue ends the session; then tasks can be received again.");
        var written = 0;
        try
        {
            foreach (var task in received)
            {
                // Counted before it is written: a task given to a command downstream belongs to that command, even if it ends the pipeline.
                written++;
                WriteObject(task);
            }
        }
        finally
        {
            session.Release(received.Skip(Stopping ? 0 : written));
        }

        if (received.Count == 0)
        {
            MisspeltNames.WarnOfTypes(this, store, Type);
        }
    }
}
