using Prometheus;

namespace TaskQueue.Server.Observability;

/// <summary>What Prometheus is told of the queue, read when it asks.</summary>
internal sealed class QueueMetrics(QueueAccess queue)
{
    public void Map(WebApplication application)
    {
        _ = queue;
        application.MapMetrics("/metrics");
    }
}
