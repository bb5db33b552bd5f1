namespace TaskQueue.Console;

/// <summary>Finds the module that this host loads.</summary>
internal static class ModuleLocation
{
    /// <summary>
    /// The manifest in the program's own <c>Modules</c> (a published folder carries it), else the one the build left in <c>output/</c> of a
    /// folder above the program.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no manifest at either place.</exception>
    public static string FindManifest()
    {
        var relative = Path.Combine("TaskQueue", "TaskQueue.psd1");
        var manifest = Path.Combine(AppContext.BaseDirectory, "Modules", relative);
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null && !File.Exists(manifest); folder = folder.Parent)
            manifest = Path.Combine(folder.FullName, "output", relative);

        return File.Exists(manifest)
            ? manifest
            : throw new FileNotFoundException(
                "The TaskQueue module is not built: run 'dotnet build' at the root of the project.", relative);
    }
}
