using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Net;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Connects this session to a queue, so that other commands need no -Queue.</summary>
[Cmdlet(VerbsCommunications.Connect, "TaskQueue", SupportsShouldProcess = true)]
[OutputType(typeof(TaskQueueConnection))]
public sealed class ConnectTaskQueueCommand : QueueCmdlet
{
    /// <summary>
    /// The path of the queue's file; or, on a PostgreSQL server, postgresql://user@host:5432/database?schema=name or a connection string
    /// such as Host=…;Database=…;Search Path=…. Without it: $env:TASKQUEUE, else the default file.
    /// </summary>
    [Parameter(Position = 0)]
    [Alias("Path", "Uri", "ConnectionString")]
    [ArgumentCompleter(typeof(QueuePathCompleter))]
    [RequiresValue]
    public override QueueLocation? Queue { get; set; }

    /// <summary>
    /// For a queue on a server: the user and the password. By default those of -Queue, else PGUSER, PGPASSWORD and the file of PGPASSFILE.
    /// </summary>
    [Parameter]
    [RequiresValue]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Make the queue if there is none. On a server this makes a schema in a database that must exist.</summary>
    [Parameter]
    public SwitchParameter Create { get; set; }

    /// <summary>
    /// What a committed task survives. Full, the default: a loss of power. Normal: any crash of a process, but not the crash of a database
    /// server.
    /// </summary>
    [Parameter]
    [RequiresValue]
    [EnumNames(typeof(Durability))]
    public Durability Durability { get; set; }

    /// <summary>How long commands wait for a lock that another process holds, and for a server; 10 s by default.</summary>
    [ArgumentCompleter(typeof(DurationCompleter))]
    [Parameter]
    [RequiresValue]
    public Duration? Timeout { get; set; }

    /// <summary>
    /// Original layout: the offset of its service's local times, such as +08:00, instead of the one its rows tell. From -14:00 to 14:00.
    /// </summary>
    [Parameter]
    [RequiresValue]
    public ServiceOffset? UtcOffset { get; set; }

    protected override void Process()
    {
        var location = Queue?.Resolve(this) ?? DefaultQueue.Location(this);
        var credential = NetworkCredentialOf(Credential);
        Location = TaskStores.Show(location, credential);
        EnsureFitting(TaskStores.NamesServer(location), credential);
        WriteWarnings(TaskStores.WarningOf(location, credential) is { } warning ? [warning] : []);
        var options = new StoreOptions
        {
            Credential = credential, Durability = Durability, UtcOffset = UtcOffset?.Value, Cancellation = Cancellation,
        };
        options = Timeout is null ? options : options with { Timeout = Timeout.Value };
        if (Create && IsMissing(location, options) && !ShouldProcess(Location, "Create task queue"))
        {
            // Under -WhatIf, or where the prompt was declined, there is nothing to connect to.
            return;
        }

        var connection = Open(location, options with { Create = Create });
        ConnectedQueue.Connect(Runspace.DefaultRunspace, connection);
        WriteVerbose($"Connected to {connection.Store.Info.Queue}.");
        WriteObject(connection.Describe(Cancellation));
    }

    private ConnectedQueue Open(string location, StoreOptions options)
    {
        try
        {
            return ConnectedQueue.Open(location, options);
        }
        catch (TaskQueueException) when (ConnectedQueue.Current is { } former)
        {
            // Otherwise later commands would work on the former queue, since a script goes on after an error.
            WriteWarning($"This session stays connected to '{former.Store.Info.Queue}'.");
            throw;
        }
    }

    private void EnsureFitting(bool isOnServer, NetworkCredential? credential)
    {
        if (credential is not null && !isOnServer)
        {
            throw new TaskValidationException(
                "-Credential is for queues on a server.", "Leave it out: the rights on the file say who may use it.");
        }

        if (UtcOffset is not null && isOnServer)
        {
            throw new TaskValidationException(
                "-UtcOffset is for files in the original's layout.", "Leave it out: all times on a server are UTC.");
        }
    }

    private static bool IsMissing(string location, StoreOptions options)
    {
        if (!TaskStores.NamesServer(location))
        {
            // An empty file becomes a queue, like a missing one.
            return !Directory.Exists(location) && new FileInfo(location) is not { Exists: true, Length: > 0 };
        }

        try
        {
            using var store = TaskStores.Open(location, options);
            return false;
        }
        catch (QueueNotFoundException)
        {
            return true;
        }
    }

    // GetNetworkCredential is not used: it takes a part of some names for a domain.
    private static NetworkCredential? NetworkCredentialOf(PSCredential? credential) =>
        credential is null || credential == PSCredential.Empty ? null : new NetworkCredential(credential.UserName, credential.Password);
}
