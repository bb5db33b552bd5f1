using System.Buffers;
using System.Globalization;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>
/// Refuses numbers that PowerShell would silently change. It drops the commas of a text, so that <c>'1,5'</c> becomes 15, and rounds a
/// fraction for a whole number.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NumberAttribute : ArgumentTransformationAttribute
{
    private static readonly SearchValues<char> Separators = SearchValues.Create(",'\u2019 \u00A0\u202F");

    /// <summary>True if the parameter takes numbers such as 1.5.</summary>
    public bool TakesFractions { get; init; }

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = JsonValueWriter.BaseOf(inputData);
        if (value is string text && !IsPlain(text))
        {
            throw new ArgumentTransformationMetadataException(
                $"'{text}' could be read in two ways. Write the number "
                    + $"without separators of thousands{(TakesFractions ? ", and its fraction behind a point, such as 1.5" : "")}.");
        }

        return TakesFractions || IsWhole(value)
            ? inputData
            : throw new ArgumentTransformationMetadataException(
                $"{Convert.ToString(value, CultureInfo.InvariantCulture)} is not a whole number.");
    }

    /// <summary>False for a text with a character that separates thousands in one language and a fraction in another.</summary>
    internal static bool IsPlain(string text) => !text.Trim().AsSpan().ContainsAny(Separators);

    private static bool IsWhole(object? value) => value switch
    {
        string text => !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || double.IsInteger(number),
        double number => double.IsInteger(number),
        float number => float.IsInteger(number),
        decimal number => decimal.IsInteger(number),
        _ => true,
    };
}
