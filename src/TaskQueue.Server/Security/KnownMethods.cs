namespace TaskQueue.Server;

/// <summary>Refuses unknown methods before the metrics count them. Each would be a series in the monitor for ever.</summary>
internal sealed class KnownMethods(RequestDelegate next)
{
    private static readonly HashSet<string> Known =
    [
        HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete, HttpMethods.Options,
        HttpMethods.Trace, HttpMethods.Connect,
    ];

    public Task InvokeAsync(HttpContext context) => Known.Contains(context.Request.Method)
        ? next(context)
        : ApiErrors.WriteAsync(context, StatusCodes.Status501NotImplemented, "The server does not know this method.");
}
