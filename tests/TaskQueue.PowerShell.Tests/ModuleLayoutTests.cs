using System.Reflection;
using System.Runtime.Loader;

namespace TaskQueue.PowerShell.Tests;

public sealed class ModuleLayoutTests
{
    private static readonly string Bin = Path.Combine(BuiltModule.Folder, "bin");

    [Fact]
    public void The_default_folder_holds_the_loader_the_public_types_and_their_views_only() => Assert.Equal(
        ["TaskQueue.PowerShell.Loader.dll", "TaskQueue.Views.dll", "TaskQueue.dll"],
        Directory.EnumerateFiles(Bin).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Fact]
    public void Native_SQLite_is_there_for_the_platforms_of_PowerShell_and_no_other() => Assert.Equal(
        [
            "linux-arm64/native/libe_sqlite3.so",
            "linux-musl-x64/native/libe_sqlite3.so",
            "linux-x64/native/libe_sqlite3.so",
            "osx-arm64/native/libe_sqlite3.dylib",
            "osx-x64/native/libe_sqlite3.dylib",
            "win-arm64/native/e_sqlite3.dll",
            "win-x64/native/e_sqlite3.dll",
        ],
        FilesBelow(Path.Combine(Bin, "private", "runtimes")));

    [Fact]
    public void Every_managed_assembly_is_shipped_once_and_the_engine_of_PowerShell_never()
    {
        string[] names =
        [
            .. FilesBelow(Bin)
                .Where(path => path.EndsWith(".dll", StringComparison.Ordinal) && !path.Contains("/native/", StringComparison.Ordinal))
                .Select(path => Path.GetFileName(path)),
        ];

        Assert.Distinct(names);
        Assert.Contains("Microsoft.Data.Sqlite.dll", names);
        Assert.DoesNotContain("System.Management.Automation.dll", names);
    }

    [Fact]
    public void Cmdlets_have_a_load_context_of_their_own_and_public_types_are_in_the_default_one()
    {
        using ModuleSession session = new();
        var cmdlets = Assert.Single(
            session.Run("[TaskQueue.PowerShell.Loader.ModuleLoadContext]::LoadCmdlets()").Values<Assembly>());

        var own = AssemblyLoadContext.GetLoadContext(cmdlets)!;
        Assert.Equal("TaskQueue", own.Name);
        Assert.NotSame(AssemblyLoadContext.Default, own);

        // Storage and its packages are loaded when they are needed; asked for here, as the cmdlets would.
        foreach (var name in new[] { "TaskQueue.Storage", "Microsoft.Data.Sqlite", "SQLitePCLRaw.core" })
            Assert.Same(own, AssemblyLoadContext.GetLoadContext(own.LoadFromAssemblyName(new AssemblyName(name))));

        var types = own.LoadFromAssemblyName(new AssemblyName("TaskQueue"));
        Assert.Same(AssemblyLoadContext.Default, AssemblyLoadContext.GetLoadContext(types));
        Assert.Equal(Path.Combine(Bin, "TaskQueue.dll"), types.Location);
        Assert.DoesNotContain(AssemblyLoadContext.Default.Assemblies, assembly => assembly.GetName().Name == "Microsoft.Data.Sqlite");
    }

    [Fact]
    public void The_private_context_opens_the_native_SQLite_of_this_platform()
    {
        using ModuleSession session = new();
        var versions = session.Run(
            """
            $cmdlets = [TaskQueue.PowerShell.Loader.ModuleLoadContext]::LoadCmdlets()
            $context = [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($cmdlets)
            $sqlite = $context.LoadFromAssemblyName([System.Reflection.AssemblyName]'Microsoft.Data.Sqlite')
            $connection = [Activator]::CreateInstance($sqlite.GetType('Microsoft.Data.Sqlite.SqliteConnection'), 'Data Source=:memory:')
            try { $connection.Open(); $connection.ServerVersion } finally { $connection.Dispose() }
            """).Values<string>();

        Assert.StartsWith("3.", Assert.Single(versions), StringComparison.Ordinal);
    }

    [Fact]
    public void Public_types_resolve_by_name_in_a_script()
    {
        using ModuleSession session = new();
        Assert.Equal(
            [Path.Combine(Bin, "TaskQueue.dll")], session.Run("[TaskQueue.QueueTask].Assembly.Location").Values<string>());
    }

    private static IEnumerable<string> FilesBelow(string folder) => Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);
}
