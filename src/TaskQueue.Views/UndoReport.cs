using System.Diagnostics.CodeAnalysis;

namespace TaskQueue;

/// <summary>The result of an undo, which is a report as text.</summary>
public sealed record UndoReport : UndoResult
{
    [SetsRequiredMembers]
    public UndoReport(UndoResult result)
        : base(result)
    {
    }

    public override string ToString() => UndoReportText.Write(this, ReportText.MostColumns);
}
