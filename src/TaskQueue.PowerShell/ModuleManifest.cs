namespace TaskQueue.PowerShell;

/// <summary>The manifest of the module this assembly belongs to.</summary>
internal static class ModuleManifest
{
    /// <summary>The assembly lies in <c>bin/private</c> below it.</summary>
    public static string Location { get; } = Path.GetFullPath(
        Path.Combine(Path.GetDirectoryName(typeof(ModuleManifest).Assembly.Location)!, "..", "..", "TaskQueue.psd1"));
}
