using System.Threading.RateLimiting;

namespace TaskQueue.Server;

/// <summary>
/// Limits how many calls are worked on at once. The engine is synchronous: each call in progress holds a thread, and one that waits for a
/// lock holds it for seconds. So a call takes a slot only when its body has arrived, and waits for a slot only for a limited time.
/// Endpoints that are open to all have slots of their own.
/// </summary>
internal sealed class CallSlots : IDisposable
{
    private const int CallsAtOnce = 64;
    private const int OpenCallsAtOnce = 8;
    private const int CallsWaiting = 1024;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly RequestDelegate _next;
    private readonly ConcurrencyLimiter _callers = new(
        new ConcurrencyLimiterOptions { PermitLimit = CallsAtOnce, QueueLimit = CallsWaiting });
    private readonly ConcurrencyLimiter _open = new(
        new ConcurrencyLimiterOptions { PermitLimit = OpenCallsAtOnce, QueueLimit = CallsWaiting });

    public CallSlots(RequestDelegate next)
    {
        _next = next;
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, CallsAtOnce + OpenCallsAtOnce), completions);
    }

    public async Task InvokeAsync(HttpContext context)
    {
        var slots = context.GetEndpoint()?.Metadata.GetMetadata<OpenToAll>() is null ? _callers : _open;
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        timer.CancelAfter(LongestWait);
        using var slot = await AcquireAsync(slots, timer.Token, context.RequestAborted);
        if (slot is not { IsAcquired: true })
        {
            context.Response.Headers.RetryAfter = "1";
            await ApiErrors.WriteAsync(
                context, StatusCodes.Status503ServiceUnavailable,
                "Too many calls at once. Call again after the seconds that Retry-After says.");
            return;
        }

        await _next(context);
    }

    public void Dispose()
    {
        _callers.Dispose();
        _open.Dispose();
    }

    private static async Task<RateLimitLease?> AcquireAsync(ConcurrencyLimiter slots, CancellationToken limit, CancellationToken aborted)
    {
        try
        {
            return await slots.AcquireAsync(1, limit);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return null;
        }
    }
}
