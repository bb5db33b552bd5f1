namespace TaskQueue.PowerShell;

/// <summary>Completes the kinds that the newest operations have.</summary>
public sealed class OperationKindCompleter : QueueCompleter
{
    private const int RowsRead = 200;

    internal override IEnumerable<(string Text, string Tip)> CandidatesOf(
        ITaskStore store, string command, CancellationToken cancellation) =>
        store.History.ReadOperations(new OperationQuery { Newest = RowsRead }, cancellation)
            .Select(operation => (operation.Kind, $"{operation.Kind}, last {DisplayText.Time(operation.At)}"));
}
