using TaskQueue.TestPostgres;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>The queues of one test on the shared server, by the names the test gives them.</summary>
internal sealed class PostgresQueues
{
    private readonly Dictionary<string, PostgresLocation> _locations = [];

    public PostgresLocation this[string name]
    {
        get
        {
            if (!_locations.TryGetValue(name, out var location))
            {
                _locations.Add(name, location = PostgresCluster.Shared.NewQueue());
            }

            return location;
        }
    }
}
