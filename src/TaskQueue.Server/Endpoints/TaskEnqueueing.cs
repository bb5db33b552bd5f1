namespace TaskQueue.Server;

/// <summary>Puts tasks into the queue.</summary>
internal static class TaskEnqueueing
{
    public static void Map(RouteGroupBuilder tasks) => tasks.MapPost("/", Enqueue)
        .Produces<DataAnswer<TaskBody>>(StatusCodes.Status201Created);

    /// <summary>Puts a task into the queue.</summary>
    internal static IResult Enqueue(NewTaskRequest request, QueueAccess queue, CancellationToken cancellation)
    {
        var task = request.ToTask();
        task.Validate();
        var store = queue.ForWriting();
        var outcome = store.Enqueue([task], cancellation)[0];
        return outcome.Kind is TaskOutcomeKind.Applied
            ? Results.Created(
                $"/api/v1/tasks/status/{Uri.EscapeDataString(task.Id)}",
                new DataAnswer<TaskBody>(TaskBody.Of(outcome.Task!, ApiTimes.Of(store))))
            : throw new TaskStateException($"There is a task '{task.Id}' already.", "Give another task_id, or leave it out.");
    }
}
