using System.Net;

namespace TaskQueue.Server;

/// <summary>Makes the operation under which the queue's log keeps what a call does, and who made the call.</summary>
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
