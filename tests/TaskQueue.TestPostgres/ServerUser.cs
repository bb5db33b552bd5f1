using System.Collections.Concurrent;
using System.Diagnostics;

namespace TaskQueue.TestPostgres;

/// <summary>Whom the server runs as: PostgreSQL refuses to run as root, so that root's tests need another user for it.</summary>
internal static class ServerUser
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly string? Other = Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows() ? Unprivileged() : null;

    /// <summary>Gives a file or folder to the server's user.</summary>
    public static void Own(string path)
    {
        if (Other is not null)
        {
            Execute(new ProcessStartInfo("chown", [Other, path]));
        }
    }

    /// <summary>Runs a program to its end; throws <see cref="InvalidOperationException"/> with what it said if it fails.</summary>
    /// <param name="folder">A folder that is open to the user: the present one may be closed.</param>
    /// <param name="program">The program's path.</param>
    /// <param name="arguments">Its arguments.</param>
    public static void Run(string folder, string program, params string[] arguments) => Execute(StartOf(folder, program, arguments));

    /// <summary>How a program is started that goes on running.</summary>
    /// <inheritdoc cref="Run"/>
    public static ProcessStartInfo StartOf(string folder, string program, params string[] arguments)
    {
        ProcessStartInfo start = Other switch
        {
            null => new(program, arguments),
            _ when File.Exists("/usr/sbin/runuser") || File.Exists("/sbin/runuser") =>
                new("runuser", ["-u", Other, "--", program, .. arguments]),
            _ => new("su", ["-s", "/bin/sh", "-c", "exec \"$0\" \"$@\"", Other, "--", program, .. arguments]),
        };
        start.WorkingDirectory = folder;
        start.Environment["LC_ALL"] = "C";
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        return start;
    }

    private static string Unprivileged() =>
        File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";

    private static void Execute(ProcessStartInfo start)
    {
        start.RedirectStandardError = true;
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        // Not to the end of its output: on Windows the server holds it open.
        var errors = new ConcurrentQueue<string>();
        process.ErrorDataReceived += (_, line) => errors.Enqueue(line.Data ?? "");
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            throw new InvalidOperationException($"'{start.FileName} {string.Join(' ', start.ArgumentList)}' does not end.");
        }

        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"'{start.FileName} {string.Join(' ', start.ArgumentList)}' ended with {process.ExitCode}. {string.Join('\n', errors)}");
        }
    }
}
