using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing.Patterns;

namespace TaskQueue.Server;

/// <summary>
/// Reads a task's id from the address as it was sent. The framework leaves <c>%2F</c> in a path as it is and decodes everything else, so it
/// cannot tell the ids <c>a/b</c> and <c>a%2Fb</c> apart.
/// </summary>
internal sealed class TaskIdInPath(RequestDelegate next)
{
    private const string Parameter = "id";

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.RouteValues[Parameter] is string routed && PlaceOf(context.GetEndpoint()) is { } place)
        {
            var sent = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?', 2)[0].Split('/');
            // The first part is the text before the first slash. The ids are compared because the parts are at other places in an address
            // that the framework had to normalize ('..').
            if (place + 1 < sent.Length && Uri.UnescapeDataString(sent[place + 1]) is var id
                && string.Equals(
                    id.Replace("/", "%2F", StringComparison.Ordinal), routed.Replace("%2f", "%2F", StringComparison.Ordinal),
                    StringComparison.Ordinal))
            {
                context.Request.RouteValues[Parameter] = id;
            }
        }

        return next(context);
    }

    /// <summary>Which segment of the route's path is the id.</summary>
    private static int? PlaceOf(Endpoint? endpoint)
    {
        var segments = (endpoint as RouteEndpoint)?.RoutePattern.PathSegments ?? [];
        for (var place = 0; place < segments.Count; place++)
        {
            if (segments[place].Parts is [RoutePatternParameterPart { Name: Parameter }])
            {
                return place;
            }
        }

        return null;
    }
}
