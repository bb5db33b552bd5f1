using System.Text.Json;

namespace TaskQueue.TestProcess;

/// <summary>A process that is looked at, and looks at others.</summary>
internal static class HostWork
{
    public static void JudgeWorkers(string[] _)
    {
        Console.WriteLine(JsonSerializer.Serialize(HostProcesses.NewWorkerIdentity()));
        while (Console.ReadLine() is { Length: > 0 } line)
        {
            var liveness = HostProcesses.LivenessOf(JsonSerializer.Deserialize<WorkerIdentity>(line)!);
            Console.WriteLine($"{liveness.State} {liveness.Evidence}");
        }
    }

    public static void KillMarked(string[] args) => Console.WriteLine($"killed {TaskProcesses.KillMarked([Guid.Parse(args[0])])}");

    public static void Echo(string[] args)
    {
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        input.CopyTo(output);
        Console.Error.WriteLine(string.Join('|', args));
    }
}
