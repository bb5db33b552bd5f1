using System.Globalization;
using System.Runtime.InteropServices;
using TaskQueue.Benchmarks;

// dotnet run -c Release --project tests/TaskQueue.Benchmarks -- [scenario…] [--rounds n] [--tasks n] [--minutes n] [--out folder] [--check]
if (args is ["child", .. var order])
{
    return ChildWork.Run(order);
}

List<string> names = [];
var sizes = new Sizes();
string? folder = null;
var isCheck = false;
for (var index = 0; index < args.Length; index++)
{
    switch (args[index])
    {
        case "--rounds":
            sizes = sizes with { Rounds = Number() };
            break;
        case "--tasks":
            sizes = sizes with { Tasks = Number() };
            break;
        case "--minutes":
            sizes = sizes with { Minutes = Number() };
            break;
        case "--out" when index + 1 < args.Length:
            folder = args[++index];
            break;
        case "--check":
            isCheck = true;
            break;
        default:
            names.Add(args[index]);
            break;
    }

    int Number() => ++index < args.Length && int.TryParse(args[index], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : -1;
}

var wrong = names.Find(name => Scenarios.Find(name) is null) is { } unknown
    ? unknown is "?" or "--help" ? "" : $"'{unknown}' is neither a scenario nor an option, or its folder is missing.\n\n"
    : sizes is { Rounds: < 1 } or { Tasks: < 1 } or { Minutes: < 1 } ? "n is a number from 1.\n\n" : null;
if (wrong is not null)
{
    Error.Write(wrong);
    Error.WriteLine("Usage: [scenario…] [--rounds n] [--tasks n] [--minutes n] [--out folder] [--check]\n\nWithout a scenario, all but those marked with * are run:");
    Error.WriteLine(string.Join('\n', Scenarios.All.Select(scenario => $"  {scenario.Name,-20} {(scenario.IsOnRequest ? '*' : ' ')} {scenario.About}")));
    return 2;
}

var machine = $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}";
WriteLine($"{machine}\nSmallest / median / largest of {sizes.Rounds} rounds; ratio: product to raw of the same round.");
using var bench = new Bench(sizes);
foreach (var scenario in Scenarios.All.Where(scenario => names.Count == 0 ? !scenario.IsOnRequest : names.Contains(scenario.Name)))
{
    WriteLine($"\n# {scenario.Name}{LoadBefore()}");
    bench.Begin(scenario.Name);
    scenario.Run(bench);
}

if (folder is not null)
{
    ReportFiles.Write(folder, machine, sizes, bench.Results);
}

if (!isCheck)
{
    return 0;
}

var missed = bench.Results.Where(result => result.IsMet is false).ToList();
WriteLine(missed.Count == 0
    ? $"\nAll {bench.Results.Count(result => result.IsMet is true)} targets are met."
    : $"\nShort of the target:\n{string.Join('\n', missed.Select(result => $"  {result.Scenario}: {result.Line}"))}");
return missed.Count == 0 ? 0 : 1;

static string LoadBefore() => File.Exists("/proc/loadavg") ? $" (load before: {File.ReadAllText("/proc/loadavg").Split(' ')[0]})" : "";
