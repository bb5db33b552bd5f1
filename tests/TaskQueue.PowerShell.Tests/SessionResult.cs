using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>All that one script wrote.</summary>
internal sealed record SessionResult
{
    private const string WhatIfMark = "What if: ";

    public required IReadOnlyList<PSObject> Output { get; init; }

    /// <summary>Non-terminating errors, and statement-terminating ones that let the script go on.</summary>
    public required IReadOnlyList<ErrorRecord> Errors { get; init; }

    /// <summary>The uncaught error that ended the script.</summary>
    public required ErrorRecord? Failure { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public required IReadOnlyList<string> Verbose { get; init; }

    public required IReadOnlyList<string> Information { get; init; }

    /// <summary>What a person would have seen beside the output: questions, what-if lines, warnings, verbose text.</summary>
    public required string HostText { get; init; }

    /// <summary>The what-if lines, without the mark in front.</summary>
    public IReadOnlyList<string> WhatIf =>
    [
        .. HostText.ReplaceLineEndings("\n").Split('\n')
            .Where(line => line.StartsWith(WhatIfMark, StringComparison.Ordinal))
            .Select(line => line[WhatIfMark.Length..]),
    ];

    /// <summary>
    /// The objects of the output as <typeparamref name="T"/>; fails when the script failed or wrote an error, but for those of tasks whose
    /// handlers failed: that is what many tests are about.
    /// </summary>
    public IReadOnlyList<T> Values<T>()
    {
        Assert.Null(Failure?.ToString());
        Assert.Empty(
            Errors.Where(error => !error.FullyQualifiedErrorId.StartsWith("TaskFailed,", StringComparison.Ordinal)).Select(
                error => error.ToString()));
        return [.. Output.Select(value => LanguagePrimitives.ConvertTo<T>(value))];
    }
}
