using System.Globalization;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>
/// Reads the text of a time by the Gregorian calendar, whatever calendar the session's culture has: <c>2026-12-24</c> is that day everywhere. Without it PowerShell
/// takes the year for one of the Buddhist or the Persian calendar.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class GregorianTimeAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        CultureInfo.CurrentCulture.Calendar is not GregorianCalendar && JsonValueWriter.BaseOf(inputData) is string text
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time)
            ? time
            : inputData;
}
