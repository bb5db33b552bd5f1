namespace TaskQueue.Server;

/// <summary>Metadata of an endpoint whose original answers with 400 where others answer with 404 or 409.</summary>
/// <param name="WhenMissing">There is no such task.</param>
/// <param name="WhenRefused">The task's status does not allow it.</param>
internal sealed record OriginalStatus(bool WhenMissing, bool WhenRefused)
{
    public int? Of(TaskQueueException error) => error switch
    {
        TaskNotFoundException when WhenMissing => StatusCodes.Status400BadRequest,
        TaskStateException when WhenRefused => StatusCodes.Status400BadRequest,
        _ => null,
    };
}
