using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;

namespace TaskQueue.Server;

/// <summary>
/// Limits the calls per second of each owner of a token at each address, and of each address without a token. So calls that are refused
/// anyway take nothing from those who may call.
/// </summary>
internal static class CallLimits
{
    public static void AddCallLimits(this IServiceCollection services, ServerSettings settings) => services.AddRateLimiter(limiter =>
    {
        limiter.GlobalLimiter = settings.RateLimit == 0 ? null : PerCaller(settings.RateLimit);
        limiter.OnRejected = static (rejected, _) => new ValueTask(RejectAsync(rejected.HttpContext, rejected.Lease));
    });

    private static PartitionedRateLimiter<HttpContext> PerCaller(int perSecond) =>
        PartitionedRateLimiter.Create<HttpContext, (string?, IPAddress, bool)>(
            context => RateLimitPartition.GetTokenBucketLimiter(
                Partition(context),
                _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = 2 * perSecond,
                    TokensPerPeriod = perSecond,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                    QueueLimit = 0,
                }));

    private static (string? Owner, IPAddress Address, bool IsOpen) Partition(HttpContext context)
    {
        var owner = context.RequestServices.GetRequiredService<Callers>().OwnerOf(context.Request);
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        // Endpoints that are open to all count apart, so that somebody who tries tokens does not lock a monitor out of /healthz.
        return (owner, address, owner is null && context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is not null);
    }

    private static Task RejectAsync(HttpContext context, RateLimitLease lease)
    {
        _ = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait);
        context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return ApiErrors.WriteAsync(
            context, StatusCodes.Status429TooManyRequests,
            "Too many calls from this caller. Call again after the seconds that Retry-After says.");
    }
}
