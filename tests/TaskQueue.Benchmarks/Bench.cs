using System.Diagnostics;
using TaskQueue.Benchmarks.PostgreSql;

namespace TaskQueue.Benchmarks;

/// <summary>Measures, prints each figure as it is known, and keeps them for the report.</summary>
internal sealed class Bench(Sizes sizes) : IDisposable
{
    private readonly Lazy<BenchmarkServer> _server = new(() => new BenchmarkServer(sizes));
    private readonly List<Result> _results = [];
    private Scenario _scenario = Scenarios.All[0];

    public Sizes Sizes => sizes;

    public IReadOnlyList<Result> Results => _results;

    /// <summary>A PostgreSQL server for all scenarios of the run that want one.</summary>
    public BenchmarkServer Server => _server.Value;

    /// <summary>The server's version and what matters of its settings, where one was used; to be put behind other things.</summary>
    public string ServerDescription => _server.IsValueCreated ? $", {Server.Description}" : "";

    public void Begin(Scenario scenario) => _scenario = scenario;

    /// <summary>
    /// Measures the product and the bare statements in turn, each round beginning with the other one. The ratio is of the two figures of a
    /// round: both see the same moods of the machine.
    /// </summary>
    /// <param name="what">What is measured.</param>
    /// <param name="unit">Of both figures, such as <c>tasks/s</c> or <c>ms</c>.</param>
    /// <param name="product">One measurement of the product.</param>
    /// <param name="raw">The same of its baseline.</param>
    /// <param name="target">What is asked of the median ratio; null for nothing.</param>
    public Result Compare(string what, string unit, Func<double> product, Func<double> raw, Target? target = null)
    {
        Spread ours = new(), theirs = new(), ratio = new();
        // Round 0 opens the connections, prepares the statements and compiles the code.
        for (var round = 0; round <= sizes.Rounds; round++)
        {
            var isProductFirst = round % 2 == 0;
            var first = (isProductFirst ? product : raw)();
            var second = (isProductFirst ? raw : product)();
            var (our, their) = isProductFirst ? (first, second) : (second, first);
            if (round > 0)
            {
                ours.Add(our);
                theirs.Add(their);
                ratio.Add(our / their);
            }
        }

        return Keep(new Result(_scenario, what, unit, ours, theirs, ratio, target));
    }

    /// <summary>Keeps a figure that stands for itself.</summary>
    public Result Note(string what, string unit, Spread figures, Target? target = null, int? size = null) =>
        Keep(new Result(_scenario, what, unit, figures, null, null, target, size));

    /// <summary>How long <paramref name="work"/> takes, in milliseconds.</summary>
    public static double Milliseconds(Action work)
    {
        var started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>How many a second <paramref name="work"/> does.</summary>
    public static double Rate(int count, Action work) => count / (Milliseconds(work) / 1000);

    public void Dispose()
    {
        if (_server.IsValueCreated)
        {
            _server.Value.Dispose();
        }
    }

    private Result Keep(Result result)
    {
        _results.Add(result);
        WriteLine(result.Line);
        return result;
    }
}
