namespace TaskQueue.Server;

/// <summary>Whether the server and its queue can be reached. It is answered without a token.</summary>
internal static class Health
{
    public static void Map(WebApplication application, RouteGroupBuilder tasks)
    {
        tasks.MapGet("/health", IsEnabled).WithMetadata(OpenToAll.Instance);
        application.MapMethods("/healthz", [HttpMethods.Get, HttpMethods.Head], IsHealthy).WithMetadata(OpenToAll.Instance);
    }

    /// <summary>Whether the API is there: always a success, with enabled false while the queue cannot be read.</summary>
    internal static HealthAnswer IsEnabled(QueueAccess queue, CancellationToken cancellation) => new(IsReadable(queue, cancellation));

    /// <summary>For monitors: 200 while the queue can be read, else 503.</summary>
    internal static IResult IsHealthy(QueueAccess queue, CancellationToken cancellation) => IsReadable(queue, cancellation)
        ? Results.Text("healthy")
        : Results.Json(new ErrorBody("The queue cannot be read."), ApiJson.Options, statusCode: StatusCodes.Status503ServiceUnavailable);

    private static bool IsReadable(QueueAccess queue, CancellationToken cancellation)
    {
        try
        {
            // A lookup by key is as cheap on a large queue as on an empty one.
            _ = queue.ForReading().Find("", cancellation);
            return true;
        }
        catch (TaskQueueException)
        {
            return false;
        }
    }
}
