using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using TaskQueue.Benchmarks;

if (args is ["child", .. var order])
{
    return ChildWork.Run(order);
}

Request request;
try
{
    request = Request.Parse(args);
}
catch (FormatException error)
{
    Error.WriteLine(error.Message);
    return 2;
}

if (request.IsForHelp)
{
    WriteLine(Request.Usage);
    return 0;
}

var machine =
    $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, "
        + $"{RuntimeInformation.FrameworkDescription}, SQLite {SqliteVersion()}";
WriteLine($"{machine}\nSmallest / median / largest of {request.Sizes.Rounds} rounds; ratio: product to raw of the same round.");
using var bench = new Bench(request.Sizes);
foreach (var scenario in request.Chosen)
{
    WriteLine($"\n# {scenario.Name}: {scenario.About}{LoadBefore()}");
    bench.Begin(scenario);
    scenario.Run(bench);
}

if (request.Folder is not null)
{
    ReportFiles.Write(request.Folder, machine + bench.ServerDescription, request.Sizes, bench.Results);
}

return request.IsCheck ? Check(bench.Results) : 0;

static int Check(IReadOnlyList<Result> results)
{
    var missed = results.Where(result => result.IsMet is false).ToList();
    var met = results.Count(result => result.IsMet is true);
    WriteLine((missed.Count, met) switch
    {
        (0, 0) => "\nNothing that was measured has a target.",
        (0, _) => $"\nTargets: {met} met, none missed.",
        _ =>
            $"\nTargets: {met} met, {missed.Count} missed:\n"
                + $"{string.Join('\n', missed.Select(result => $"  {result.Scenario.Name}: {result.Line}"))}",
    });
    return missed.Count == 0 ? 0 : 1;
}

static string SqliteVersion()
{
    using var connection = new SqliteConnection();
    return connection.ServerVersion;
}

static string LoadBefore() => File.Exists("/proc/loadavg") ? $" (load before: {File.ReadAllText("/proc/loadavg").Split(' ')[0]})" : "";
