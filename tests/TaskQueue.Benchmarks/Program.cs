using System.Runtime.InteropServices;
using TaskQueue.Benchmarks;
using TaskQueue.Benchmarks.Http;
using TaskQueue.Benchmarks.PostgreSql;

// dotnet run -c Release --project tests/TaskQueue.Benchmarks -- http | postgres throughput|wakeup|worker|finished|plans … [--tasks n] [--rounds n] [--minutes n]
if (args is ["child", .. var order])
{
    return ChildWork.Run(order);
}

Action<BenchmarkServer, Sizes>[] All = [Throughput.Run, Wakeup.Run, WorkerCost.Run, FinishedTasks.Run, Plans.Run];
string[] names = ["throughput", "wakeup", "worker", "finished", "plans"];
var wanted = args.Skip(1).TakeWhile(argument => !argument.StartsWith("--", StringComparison.Ordinal)).ToList();
if (!(args is ["http", ..] && wanted.Count == 0) && !(args is ["postgres", ..] && wanted.Count > 0 && !wanted.Except(names).Any()))
{
    Console.Error.WriteLine($"Usage: http | postgres {string.Join('|', names)} … [--tasks n] [--rounds n] [--minutes n]");
    return 2;
}

var sizes = Sizes.Parse(args.Skip(1 + wanted.Count));
var machine = $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}";
if (args[0] == "http")
{
    Console.WriteLine($"{machine}\n\n# http{LoadBefore()}");
    Load.Run(sizes);
    return 0;
}

using var server = new BenchmarkServer(sizes);
Console.WriteLine($"{machine}, {server.Description}");
foreach (var name in wanted)
{
    Console.WriteLine($"\n# {name}{LoadBefore()}");
    All[Array.IndexOf(names, name)](server, sizes);
}

return 0;

static string LoadBefore() => File.Exists("/proc/loadavg") ? $" (load before: {File.ReadAllText("/proc/loadavg").Split(' ')[0]})" : "";
