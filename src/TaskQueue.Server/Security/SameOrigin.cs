using TaskQueue.Server.Errors;

namespace TaskQueue.Server.Security;

/// <summary>
/// Refuses what another site's page lets a browser send. Of every method: the original's <c>GET /{id}/cancel</c> changes something too. Programs that are no
/// browsers send neither header.
/// </summary>
internal sealed class SameOrigin(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        return request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && IsForeign(request)
            ? ApiErrors.WriteAsync(context, StatusCodes.Status403Forbidden, "The call comes from another site's page, and only the server's own page may call.")
            : next(context);
    }

    private static bool IsForeign(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is [{ } site, ..])
        {
            return site is not ("same-origin" or "none");
        }

        return request.Headers.Origin is [{ } origin, ..] && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }
}
