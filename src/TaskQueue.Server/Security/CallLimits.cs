using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using TaskQueue.Server.Errors;

namespace TaskQueue.Server.Security;

/// <summary>How many calls are taken, from one address and at all.</summary>
internal static class CallLimits
{
    // The engine is synchronous: each call in progress holds a thread, and one that waits for a lock holds it for seconds.
    private const int CallsAtOnce = 64;
    private const int CallsWaiting = 1024;

    public static void AddCallLimits(this IServiceCollection services, ServerSettings settings)
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, CallsAtOnce), completions);
        services.AddRateLimiter(limiter =>
        {
            var atOnce = PartitionedRateLimiter.Create<HttpContext, string>(
                _ => RateLimitPartition.GetConcurrencyLimiter("all", _ => new ConcurrencyLimiterOptions { PermitLimit = CallsAtOnce, QueueLimit = CallsWaiting }));
            limiter.GlobalLimiter = settings.RateLimit == 0 ? atOnce : PartitionedRateLimiter.CreateChained(PerAddress(settings.RateLimit), atOnce);
            limiter.OnRejected = static (rejected, _) => new ValueTask(RejectAsync(rejected.HttpContext, rejected.Lease));
        });
    }

    private static PartitionedRateLimiter<HttpContext> PerAddress(int perSecond) => PartitionedRateLimiter.Create<HttpContext, IPAddress>(
        context => RateLimitPartition.GetTokenBucketLimiter(
            context.Connection.RemoteIpAddress ?? IPAddress.None,
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = 2 * perSecond,
                TokensPerPeriod = perSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            }));

    private static Task RejectAsync(HttpContext context, RateLimitLease lease)
    {
        var isCallers = lease.TryGetMetadata(MetadataName.RetryAfter, out var wait);
        context.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return isCallers
            ? ApiErrors.WriteAsync(context, StatusCodes.Status429TooManyRequests, "Too many calls from this address. Call again after the seconds that Retry-After says.")
            : ApiErrors.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many calls at once. Call again after the seconds that Retry-After says.");
    }
}
