using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What an error record must say of itself.</summary>
internal static class ExpectedError
{
    /// <param name="error">The record.</param>
    /// <param name="id">The part of its id that is ours.</param>
    /// <param name="command">The cmdlet's class without <c>Command</c>.</param>
    /// <param name="category">Its category.</param>
    /// <param name="target">The text of its target.</param>
    public static void Is(ErrorRecord error, string id, string command, ErrorCategory category, string? target)
    {
        Assert.Equal($"{id},TaskQueue.PowerShell.Commands.{command}Command", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Equal(target, error.TargetObject?.ToString());
    }

    /// <summary>What the error recommends to do.</summary>
    public static string Advice(ErrorRecord error) => error.ErrorDetails?.RecommendedAction ?? "";
}
