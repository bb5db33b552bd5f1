using System.Collections;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>
/// Reads the text of a time by the Gregorian calendar, whatever calendar the session's culture has: <c>2026-12-24</c> is that day
/// everywhere. Without it PowerShell would read the year as one of the Buddhist or the Persian calendar. It also refuses a value that is
/// not a time: PowerShell would convert a hashtable to the year 1.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class GregorianTimeAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        try
        {
            return RecordReader.Unwrap(inputData) switch
            {
                string text when !RecordText.IsGregorianHere && !string.IsNullOrWhiteSpace(text) => RecordText.GregorianTime(text),
                DateTimeOffset time => time,
                // PowerShell refuses a list, and RequiresValueAttribute a missing value.
                null or string or DateTime or (IEnumerable and not IDictionary) => inputData,
                var other =>
                    throw new FormatException(
                        $"A value of the type {other.GetType().Name} is not a time. Give a time, or a text such as 2026-04-03T10:02:00Z."),
            };
        }
        catch (FormatException error)
        {
            throw new ArgumentTransformationMetadataException(error.Message, error);
        }
    }
}
