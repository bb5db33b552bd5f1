namespace TaskQueue.Server;

/// <summary>
/// Refuses calls under a name that is not the server's. A web page can make its own name point to this machine (DNS rebinding), and the
/// browser then takes the server for a part of that page. Off loopback every name is accepted unless names are given, since a token is
/// needed there.
/// </summary>
internal sealed class AllowedHosts(RequestDelegate next, ServerSettings settings)
{
    private readonly HashSet<string>? _names = settings.IsLoopbackOnly || settings.AllowedHosts.Count > 0
        ? new HashSet<string>(
            ["localhost", "127.0.0.1", "[::1]", .. settings.Urls.Select(url => url.Host), .. settings.AllowedHosts],
            StringComparer.OrdinalIgnoreCase)
        : null;

    public Task InvokeAsync(HttpContext context) => _names is null || _names.Contains(context.Request.Host.Host)
        ? next(context)
        : ApiErrors.WriteAsync(
            context, StatusCodes.Status421MisdirectedRequest,
            "The server is not known by this name. Start it with --allowed-host if it should be.");
}
