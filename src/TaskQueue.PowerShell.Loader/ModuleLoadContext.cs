using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace TaskQueue.PowerShell.Loader;

/// <summary>
/// Holds the cmdlets and the packages they need, so that another module's copy of the same package cannot clash.
/// </summary>
public sealed class ModuleLoadContext : AssemblyLoadContext
{
    // There is one for the process: two copies of native SQLite on the same files would break each other's locks.
    private static readonly Lazy<ModuleLoadContext> Shared = new(() => new ModuleLoadContext());

    private readonly string _folder;

    private ModuleLoadContext() : base("TaskQueue")
    {
        var bin = Path.GetDirectoryName(typeof(ModuleLoadContext).Assembly.Location)!;
        _folder = Path.Combine(bin, "private");

        // The public types belong to the default context, where PowerShell finds them as [TaskQueue.X].
        Assembly.LoadFrom(Path.Combine(bin, "TaskQueue.dll"));
        Assembly.LoadFrom(Path.Combine(bin, "TaskQueue.Views.dll"));
    }

    /// <summary>The assembly with the cmdlets. The first call loads it, and every other call returns the same one.</summary>
    public static Assembly LoadCmdlets() =>
        Shared.Value.LoadFromAssemblyName(new AssemblyName("TaskQueue.PowerShell"));

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = Path.Combine(_folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    /// <inheritdoc/>
    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName)
    {
        var file = OperatingSystem.IsWindows() ? $"{unmanagedDllName}.dll"
            : OperatingSystem.IsMacOS() ? $"lib{unmanagedDllName}.dylib"
            : $"lib{unmanagedDllName}.so";

        foreach (var rid in RuntimeIdentifiers())
        {
            var path = Path.Combine(_folder, "runtimes", rid, "native", file);
            if (File.Exists(path) && NativeLibrary.TryLoad(path, out var handle))
                return handle;
        }

        return IntPtr.Zero;
    }

    // A runtime built by a distribution names itself after it ("alpine.3.22-x64", "debian.12-x64").
    private static IEnumerable<string> RuntimeIdentifiers()
    {
        var exact = RuntimeInformation.RuntimeIdentifier;
        var os = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        var isMusl = exact.Contains("musl", StringComparison.Ordinal) || exact.StartsWith("alpine", StringComparison.Ordinal);
#pragma warning disable CA1308 // Runtime identifiers are lower-case.
        var architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
#pragma warning restore CA1308
        return [exact, $"{os}{(isMusl ? "-musl" : "")}-{architecture}"];
    }
}
