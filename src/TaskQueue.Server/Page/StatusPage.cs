namespace TaskQueue.Server;

/// <summary>
/// The web page at /, from files in the assembly. Everybody who reaches the server can load it. What it shows comes from the API, with the
/// token of the person who looks.
/// </summary>
internal static class StatusPage
{
    // Only this server's own files are loaded, nothing runs inline, and no form is sent anywhere.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'";

    private static readonly Dictionary<string, string> ContentTypes = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    public static void Map(WebApplication application)
    {
        foreach (var file in typeof(StatusPage).Assembly
            .GetManifestResourceNames()
            .Where(name => ContentTypes.ContainsKey(Path.GetExtension(name))))
        {
            var content = Read(file);
            application.MapMethods(file == "index.html" ? "/" : $"/{file}", [HttpMethods.Get, HttpMethods.Head], (HttpContext context) =>
                {
                    context.Response.Headers.ContentSecurityPolicy = Policy;
                    return Results.Bytes(content, ContentTypes[Path.GetExtension(file)]);
                })
                .WithMetadata(OpenToAll.Instance)
                .ExcludeFromDescription();
        }
    }

    private static byte[] Read(string file)
    {
        using var resource = typeof(StatusPage).Assembly.GetManifestResourceStream(file)!;
        using var content = new MemoryStream();
        resource.CopyTo(content);
        return content.ToArray();
    }
}
