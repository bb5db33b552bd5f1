using System.Diagnostics;
using System.Reflection;

namespace TaskQueue.Pester;

/// <summary>The <c>pwsh</c> of the repository's tool manifest: a whole PowerShell, of the version that the tests are written for.</summary>
internal static class RealPowerShell
{
    private const string Version = "7.6.9";

    private static readonly Lazy<string> RestoredProgram = new(Restore);

    /// <summary>
    /// The program itself, to be started with <c>dotnet</c>. The tool's launcher would start it as a child, which signals do not reach.
    /// </summary>
    /// <exception cref="InvalidOperationException">The tool is not there, and could not be restored.</exception>
    public static string Program => RestoredProgram.Value;

    /// <summary>The <c>dotnet</c> that runs the tests.</summary>
    public static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>A package that the build has restored: its folder.</summary>
    public static string Package(string name, string version) => Path.Combine(NuGetPackageRoot, name, version);

    private static string NuGetPackageRoot => typeof(RealPowerShell).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(item => item.Key == nameof(NuGetPackageRoot)).Value!;

    private static string Restore()
    {
        var program = Path.Combine(
            Package("powershell", Version), "tools", "net10.0", "any", OperatingSystem.IsWindows() ? "win" : "unix", "pwsh.dll");
        if (File.Exists(program))
            return program;

        using var restore = Process.Start(new ProcessStartInfo(Dotnet, ["tool", "restore"])
        {
            WorkingDirectory = BuiltModule.Repository,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = restore.StandardError.ReadToEndAsync();
        var output = restore.StandardOutput.ReadToEnd() + errors.Result;
        restore.WaitForExit();
        return File.Exists(program)
            ? program
            : throw new InvalidOperationException(
                $"PowerShell {Version} is not here, and 'dotnet tool restore' could not bring it. "
                    + $"Run it with access to NuGet, then repeat the tests. It said: {output}");
    }
}
