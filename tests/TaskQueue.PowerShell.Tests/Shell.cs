namespace TaskQueue.PowerShell.Tests;

/// <summary>The programs in which people run the module.</summary>
public enum Shell
{
    /// <summary>PowerShell itself; the module is loaded by the name of its first cmdlet.</summary>
    Pwsh,

    /// <summary>The project's own host, for machines that have only .NET.</summary>
    Console,
}
