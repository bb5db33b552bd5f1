using System.Management.Automation;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell;

/// <summary>The one place that turns what a person typed into a full path, relative to PowerShell's current location.</summary>
internal static class FilePaths
{
    /// <exception cref="TaskValidationException">The text names no place in the file system.</exception>
    public static string Resolve(PSCmdlet cmdlet, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new TaskValidationException("The path is blank.", "Give the path of a file.");
        }

        if (TaskStores.NamesServer(text))
        {
            // The text is not repeated: it may hold a password.
            throw new TaskValidationException("A server is named where a file is meant.", "Give the path of a file.");
        }

        TaskStores.EnsureNoShare(text);
        try
        {
            var path = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(text, out var provider, out _);
            return provider.Name == "FileSystem"
                ? path
                : throw new TaskValidationException(
                    $"'{text}' is a place of the provider {provider.Name}, not a file.", "Give the path of a file.");
        }
        catch (SessionStateException error)
        {
            throw new TaskValidationException($"'{text}' cannot be resolved: {error.Message}", "Give the path of a file.", error);
        }
    }
}
