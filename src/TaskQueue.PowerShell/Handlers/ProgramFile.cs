using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Finds the program that -FilePath names.</summary>
internal static class ProgramFile
{
    /// <summary>Its path, found as PowerShell finds it: by a name in the PATH, or by a path relative to the current location.</summary>
    /// <exception cref="TaskValidationException">There is no such program, or it cannot be executed.</exception>
    public static string Find(PSCmdlet cmdlet, string text)
    {
        if (cmdlet.InvokeCommand.GetCommand(text, CommandTypes.Application) is not ApplicationInfo { Path: var path })
        {
            var file = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(text);
            throw File.Exists(file)
                ? new TaskValidationException(
                    $"'{file}' is not a program that can be executed.",
                    OperatingSystem.IsWindows()
                        ? "Give the program that runs it, and the file as an argument."
                        : $"Mark it as one: chmod +x '{file}'. Or give the program that runs it, and the file as an argument.")
                : new TaskValidationException($"There is no program '{text}'.", "Give its path, or a name that is found in the PATH.");
        }

        const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Executable) != 0
            ? path
            : throw new TaskValidationException(
                $"'{path}' is not marked as a program that can be executed.", $"Mark it: chmod +x '{path}'.");
    }
}
