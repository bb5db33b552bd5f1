using System.Diagnostics.CodeAnalysis;

namespace TaskQueue;

/// <summary>The result of a cleanup, which is a report as text.</summary>
public sealed record CleanupReport : CleanupResult
{
    [SetsRequiredMembers]
    public CleanupReport(CleanupResult result)
        : base(result)
    {
    }

    public override string ToString() => CleanupReportText.Write(this, ReportText.MostColumns);
}
