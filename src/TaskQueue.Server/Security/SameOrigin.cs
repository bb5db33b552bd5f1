namespace TaskQueue.Server;

/// <summary>
/// Refuses calls that another site's page makes a browser send. Every method is checked, since the original's <c>GET /{id}/cancel</c>
/// changes something too. Programs other than browsers send neither of the two headers.
/// </summary>
internal sealed class SameOrigin(RequestDelegate next, Callers callers)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        // Over plain http a browser sends Sec-Fetch-Site only to the names of this machine, and with the GET of an image it never sends
        // Origin.
        if (!callers.AreChecked
            && request.Headers["Sec-Fetch-Site"].Count == 0
            && !IsThisMachine(request.Host.Host)
            && context.GetEndpoint()?.Metadata.GetMetadata<ChangesByGet>() is not null)
        {
            return ApiErrors.WriteAsync(
                context, StatusCodes.Status403Forbidden,
                "Without a token this is taken under the names of this machine only. Use POST /cancel/{id}.");
        }

        return IsForeign(request)
            ? ApiErrors.WriteAsync(
                context, StatusCodes.Status403Forbidden,
                "The call comes from another site's page, and only the server's own page may call.")
            : next(context);
    }

    private static bool IsThisMachine(string host) =>
        host is "127.0.0.1" or "[::1]" || string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase);

    private static bool IsForeign(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is [{ } site, ..])
        {
            return site is not ("same-origin" or "none");
        }

        return request.Headers.Origin is [{ } origin, ..]
            && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }
}
