using System.Net;

namespace TaskQueue.Server;

/// <summary>How the queue's log names what a call does, and by whom.</summary>
internal static class CallOperations
{
    public static NewOperation BeginOperation(this HttpContext context, string kind, string? reason)
    {
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        return new NewOperation
        {
            Kind = kind,
            Actor = new Actor(
                context.User.Identity?.Name ?? Callers.Anonymous,
                (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString(),
                context.Connection.RemotePort,
                $"{context.Request.Method} {route}"),
            // A reason is one line of the log.
            Reason = string.IsNullOrWhiteSpace(reason)
                ? null
                : string.Concat(reason.Select(character => TerminalText.IsUnshowable(character) ? ' ' : character)),
        };
    }
}
