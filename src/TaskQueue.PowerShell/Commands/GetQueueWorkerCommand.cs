using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Reads a queue's workers: alive or dead, with the evidence, and the tasks they hold.</summary>
[Cmdlet(VerbsCommon.Get, "QueueWorker")]
[OutputType(typeof(QueueWorkerInfo))]
public sealed class GetQueueWorkerCommand : QueueCmdlet
{
    private List<WildcardPattern>? _machines;

    /// <summary>Ids of workers, or worker objects to read again.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("InputObject")]
    [ArgumentCompleter(typeof(WorkerIdCompleter))]
    [RequiresValue]
    public WorkerReference[]? Id { get; set; }

    /// <summary>Only workers on machines of these names or patterns.</summary>
    [Parameter]
    [RequiresValue]
    [SupportsWildcards]
    public string[]? MachineName { get; set; }

    protected override void Begin() => _machines = MachineName?.Select(Wildcards.Of).ToList();

    protected override void Process()
    {
        if (Id is null)
        {
            if (!MyInvocation.ExpectingInput)
            {
                ReadAll();
            }

            return;
        }

        foreach (var reference in Id)
        {
            Guard(() => WriteOne(reference), reference.Source);
        }
    }

    private void ReadAll()
    {
        var workers = Read(OpenStore());
        List<QueueWorkerInfo> wanted = [.. workers.Where(IsWanted)];
        WriteObject(wanted, enumerateCollection: true);
        if (wanted.Count == 0)
        {
            foreach (var machine in MachineName ?? [])
            {
                MisspeltNames.WarnOfWorker(this, workers.Select(worker => worker.Machine), nameof(MachineName), machine);
            }
        }
    }

    private void WriteOne(WorkerReference reference)
    {
        var store = OpenStore(reference.Queue);
        var worker = Read(store).FirstOrDefault(worker => worker.Id == reference.Id) ?? throw reference.NotFoundIn(store);
        if (IsWanted(worker))
        {
            WriteObject(worker);
        }
    }

    private IReadOnlyList<QueueWorkerInfo> Read(ITaskStore store) => QueueWorkerInfo.Read(store, Cancellation);

    private bool IsWanted(QueueWorkerInfo worker) =>
        _machines?.Any(machine => machine.IsMatch(worker.Machine)) != false;
}
