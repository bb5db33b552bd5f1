using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TaskQueue.Tests.Original;

/// <summary>This program started again to do one thing in a process of its own; see <see cref="ChildRoles"/>.</summary>
internal static class ChildProcess
{
    private const string RoleVariable = "TASKQUEUE_TEST_CHILD_ROLE";

    /// <summary>Starts a role. The caller ends or awaits it.</summary>
    public static Process Start(string role, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        string[] all = ["exec", Path.Combine(AppContext.BaseDirectory, "TaskQueue.Tests.dll"), .. arguments];
        foreach (var argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        start.Environment[RoleVariable] = role;
        return Process.Start(start)!;
    }

    /// <summary>Runs a role to its end and returns what it wrote.</summary>
    public static string Run(string role, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var process = Start(role, environment, arguments);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"The child ended with {process.ExitCode}: {output}");
    }

    /// <summary>The names and contents of a folder's files. In another process: closing a database file here would drop SQLite's locks on it.</summary>
    public static string Fingerprint(string folder) => Run(nameof(ChildRoles.Fingerprint), null, folder);

    // Before Main: a child never becomes a test run.
    [ModuleInitializer]
    internal static void PlayRole()
    {
        if (Environment.GetEnvironmentVariable(RoleVariable) is not { } role)
        {
            return;
        }

        Environment.SetEnvironmentVariable(RoleVariable, null);
        var play = typeof(ChildRoles).GetMethod(role, BindingFlags.Public | BindingFlags.Static)!;
        play.Invoke(null, [Environment.GetCommandLineArgs()[1..]]);
        Environment.Exit(0);
    }
}
