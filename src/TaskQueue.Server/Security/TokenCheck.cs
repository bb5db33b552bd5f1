using System.Security.Claims;

namespace TaskQueue.Server;

/// <summary>Lets calls with a known token pass, and notes the token's owner.</summary>
internal sealed class TokenCheck(RequestDelegate next, Callers callers)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!callers.AreChecked)
        {
            context.User = Named(Callers.Anonymous);
        }
        else if (callers.OwnerOf(context.Request) is { } name)
        {
            context.User = Named(name);
        }
        else if (context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            var isGiven = context.Request.Headers.Authorization.ToString().StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase);
            await ApiErrors.WriteAsync(
                context,
                StatusCodes.Status401Unauthorized,
                isGiven
                    ? "The server does not know this token. It takes one as 'Authorization: Bearer <token>'."
                    : "A token is needed. Send it as 'Authorization: Bearer <token>'.");
            return;
        }

        await next(context);
    }

    private static ClaimsPrincipal Named(string name) => new(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "token"));
}
