namespace TaskQueue.Pester;

/// <summary>The module as the build left it, and the repository it was built in.</summary>
internal static class BuiltModule
{
    public static string Repository { get; } = FindRepository();

    public static string Manifest { get; } = Path.Combine(Repository, "output", "TaskQueue", "TaskQueue.psd1");

    public static string Folder { get; } = Path.GetDirectoryName(Manifest)!;

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TaskQueue.PowerShell.sln")))
            folder = folder.Parent;

        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests run in a folder of the repository.");
    }
}
