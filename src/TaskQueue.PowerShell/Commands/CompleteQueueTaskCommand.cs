using System.Management.Automation;

namespace TaskQueue.PowerShell.Commands;

/// <summary>Says how a received task ended.</summary>
[Cmdlet(VerbsLifecycle.Complete, "QueueTask")]
[OutputType(typeof(QueueTask))]
public sealed class CompleteQueueTaskCommand : ReceivedTaskCmdlet
{
    private readonly RetryBackoff _backoff = new();

    /// <summary>
    /// Success (the default), Failed, or Pending, which gives it back unfinished. A failed task is tried again while it has retries left.
    /// </summary>
    [Parameter]
    [RequiresValue]
    [EnumNames(typeof(QueueTaskStatus))]
    [ValidateSet("Success", "Failed", "Pending")]
    public QueueTaskStatus Status { get; set; } = QueueTaskStatus.Success;

    /// <summary>The result of a task that succeeded: any object, kept as JSON.</summary>
    [Parameter]
    public object? Result { get; set; }

    /// <summary>Why the task failed.</summary>
    [Parameter]
    [RequiresValue]
    public string? ErrorMessage { get; set; }

    /// <summary>Do not try the task again: it fails for good.</summary>
    [Parameter]
    public SwitchParameter NoRetry { get; set; }

    /// <summary>Write the completed tasks.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    internal override bool WritesTasks => PassThru;

    internal override string LostClaimNote => "What you wrote was kept as an event in its history, and not as its state.";

    protected override void Begin()
    {
        if (Status is QueueTaskStatus.Pending && (ErrorMessage is not null || NoRetry || Result is not null))
        {
            throw new TaskValidationException(
                "A task that is given back has neither result nor error.",
                "Leave -Result, -ErrorMessage and -NoRetry out, or give another -Status.");
        }

        if (Status is QueueTaskStatus.Success && (ErrorMessage is not null || NoRetry))
        {
            throw new TaskValidationException(
                "A task that succeeded has no error.", "Add -Status Failed, or leave -ErrorMessage and -NoRetry out.");
        }

        if (Status is QueueTaskStatus.Failed && Result is not null)
        {
            throw new TaskValidationException("A task that failed has no result.", "Give -ErrorMessage instead of -Result.");
        }
    }

    internal override WorkerChange ChangeOf(ITaskStore store, TaskIdentity identity, Guid token)
    {
        if (Status is QueueTaskStatus.Success)
        {
            return new CompleteTask(identity.Id, token, ResultJson.Write(Result, JsonValueRules.GivenResult));
        }

        if (Status is QueueTaskStatus.Pending)
        {
            return new ReleaseTask(identity.Id, token);
        }

        var retries = (identity.Source as QueueTask ?? store.Find(identity.Id, Cancellation))?.RetryCount ?? 0;
#pragma warning disable CA5394 // It spreads retries in time and guards no secret.
        var delay = _backoff.Delay(retries, Random.Shared.NextDouble());
#pragma warning restore CA5394
        return new FailTask(identity.Id, token, ErrorMessage ?? "Completed as failed, without a message", delay, NoRetry);
    }
}
