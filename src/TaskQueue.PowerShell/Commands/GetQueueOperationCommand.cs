using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Shows who did what to a queue, when, why, and to how many tasks; the newest first.</summary>
[Cmdlet(VerbsCommon.Get, "QueueOperation")]
[OutputType(typeof(QueueOperation))]
public sealed class GetQueueOperationCommand : QueueCmdlet
{
    private static readonly string[] Kinds =
        [
            "backup", "cancel", "cleanup", "copy", "force cancel", "import", "remove", "restart", "restore", "set", "stop", "stop worker",
            "undo", NewOperation.Work,
        ];

    private List<WildcardPattern>? _kinds;
    private List<WildcardPattern>? _users;
    private bool _hasReadIds;

    /// <summary>Ids, or unambiguous beginnings of them.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("OperationId", "InputObject")]
    [ArgumentCompleter(typeof(OperationIdCompleter))]
    [RequiresValue]
    public OperationIdentity[]? Id { get; set; }

    /// <summary>Only operations of these kinds or patterns, such as cleanup or 'force cancel'.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(OperationKindCompleter))]
    [RequiresValue]
    [SupportsWildcards]
    public string[]? Kind { get; set; }

    /// <summary>Only operations of these users, or of users like these patterns.</summary>
    [Parameter]
    [RequiresValue]
    [SupportsWildcards]
    public string[]? User { get; set; }

    /// <summary>
    /// Also what workers and receiving sessions did by themselves. It is one operation of the kind work for each start of a worker or
    /// session.
    /// </summary>
    [Parameter]
    public SwitchParameter IncludeWork { get; set; }

    /// <summary>Only operations that began less than this ago.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? NewerThan { get; set; }

    /// <summary>At most this many.</summary>
    [Parameter]
    [RequiresValue]
    [ValidateRange(1, int.MaxValue)]
    [Number]
    public int? Newest { get; set; }

    protected override void Begin()
    {
        _kinds = Kind?.Select(Wildcards.Of).ToList();
        _users = User?.Select(Wildcards.Of).ToList();
    }

    protected override void Process()
    {
        foreach (var identity in Id ?? [])
        {
            _hasReadIds = true;
            Guard(() => ReadOne(identity), identity.Source);
        }
    }

    protected override void Finish()
    {
        // An empty pipeline means no operation, not every operation.
        if (!_hasReadIds && !MyInvocation.ExpectingInput)
        {
            ReadAll();
        }
    }

    private void ReadOne(OperationIdentity identity)
    {
        var store = OpenStore(identity.Queue);
        var operation = identity.FindIn(store, Cancellation);
        if (IsWanted(operation) && (NewerThan is null || operation.At > store.Now - NewerThan.Value))
        {
            WriteObject(operation);
        }
    }

    private void ReadAll()
    {
        // The store filters by a single kind, which is stored in lower case. Several kinds, and patterns, are compared here.
        var isLiteral = Kind is [var only] && !WildcardPattern.ContainsWildcardCharacters(only);
        var query = new OperationQuery
        {
            Kind = isLiteral ? Kind![0].ToLowerInvariant() : null,
            // Workers' own operations are left out: a person who undoes the newest operation means the newest decision of a person.
            ExcludedKind = Kind is null && !IncludeWork ? NewOperation.Work : null,
            NewerThan = NewerThan?.Value,
            Newest = User is null && (Kind is null || isLiteral) ? Newest : null,
        };
        var written = 0;
        foreach (var operation in OpenStore().History.ReadOperations(query, Cancellation).Where(IsWanted).Take(Newest ?? int.MaxValue))
        {
            WriteObject(operation);
            written++;
        }

        if (written == 0)
        {
            MisspeltNames.WarnOfKinds(this, Kind, Kinds);
        }
    }

    private bool IsWanted(QueueOperation operation) =>
        _kinds?.Any(kind => kind.IsMatch(operation.Kind)) != false && _users?.Any(user => user.IsMatch(operation.User)) != false;
}
