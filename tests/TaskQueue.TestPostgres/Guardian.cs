using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TaskQueue.TestPostgres;

/// <summary>Another process that sees to it that no server outlives the tests, however they end.</summary>
internal sealed class Guardian : IDisposable
{
    private readonly Process _process;

    public Guardian(ServerFolder folder)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "TaskQueue.TestPostgres" + (OperatingSystem.IsWindows() ? ".exe" : ""));
        var start = new ProcessStartInfo(
            program, [folder.Programs.Folder, folder.Path]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        _process = Process.Start(start)!;
        _ = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The server's guardian did not start.");
    }

    /// <summary>
    /// For the guardian itself: what ends the tests together with their children, such as Ctrl+C or a time limit, must not end it too.
    /// </summary>
    public static void StayOutOfSignals()
    {
        if (OperatingSystem.IsWindows())
        {
            Console.CancelKeyPress += (_, key) => key.Cancel = true;
        }
        else
        {
            _ = SetSession();
        }
    }

    /// <summary>Has the server stopped and its folder deleted.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(TimeSpan.FromSeconds(30));
        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "setsid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetSession();
}
