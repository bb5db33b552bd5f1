namespace TaskQueue.PowerShell;

/// <summary>Completes ids of operations from the newest ones.</summary>
public sealed class OperationIdCompleter : QueueCompleter
{
    private const int RowsRead = 200;

    internal override IEnumerable<(string Text, string Tip)> CandidatesOf(
        ITaskStore store, string command, CancellationToken cancellation) =>
        // Nobody looks up a worker's own operation, or undoes it, by its id.
        store.History.ReadOperations(new OperationQuery { Newest = RowsRead, ExcludedKind = NewOperation.Work }, cancellation)
            .Select(operation => (operation.Id.ToString(), TipOf(operation)));

    private static string TipOf(QueueOperation operation) =>
        $"{operation.Kind}, {Quantity.Of(operation.Tasks, "task", "tasks")}, {DisplayText.Time(operation.At)}"
            + (operation.Reason is { } reason ? $", {reason}" : null);
}
