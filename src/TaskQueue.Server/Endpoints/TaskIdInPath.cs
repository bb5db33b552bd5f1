using Microsoft.AspNetCore.Http.Features;

namespace TaskQueue.Server.Endpoints;

/// <summary>
/// Reads a task's id from the address as it was sent. The framework leaves <c>%2F</c> in a path as it is and decodes everything else, so that the ids <c>a/b</c>
/// and <c>a%2Fb</c> would look alike.
/// </summary>
internal sealed class TaskIdInPath(RequestDelegate next)
{
    private const string Parameter = "id";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.RouteValues[Parameter] is string routed)
        {
            var path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?', 2)[0];
            var sent = path.Split('/').Select(Uri.UnescapeDataString)
                .FirstOrDefault(segment => string.Equals(segment.Replace("/", "%2F", StringComparison.Ordinal), routed, StringComparison.OrdinalIgnoreCase));
            context.Request.RouteValues[Parameter] = sent ?? routed;
        }

        return next(context);
    }
}
