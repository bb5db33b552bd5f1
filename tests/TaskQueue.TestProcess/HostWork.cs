using System.Diagnostics;
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

    public static void Stay(string[] args)
    {
        File.WriteAllText(args[0], $"{Environment.ProcessId}\n");
        Thread.Sleep(Timeout.Infinite);
    }

    public static void Leave(string[] args)
    {
        // By the shell: nobody who reads this one's output shall wait for the other one.
        using var child = Process.Start(
            new ProcessStartInfo(
                Environment.ProcessPath!, ["stay", args[0]]) { UseShellExecute = true, WindowStyle = ProcessWindowStyle.Hidden });
        SpinWait.SpinUntil(() => File.Exists(args[0]) && new FileInfo(args[0]).Length > 0);
    }

    public static void Echo(string[] args)
    {
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        input.CopyTo(output);
        Console.Error.WriteLine(string.Join('|', args));
    }
}
