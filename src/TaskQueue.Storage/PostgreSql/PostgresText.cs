using System.Globalization;
using System.Text;

namespace TaskQueue.Storage;

/// <summary>
/// Values as the text the server reads them from: it gives each the type of the column it meets, so that a missing value needs no type
/// and a statement is prepared once, whichever of its values are missing.
/// </summary>
internal static class PostgresText
{
    /// <summary>The text of a value; null for a missing one.</summary>
    public static string? Of(object? value) => value switch
    {
        null => null,
        string text => StorableText.Of(text),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"No value of a statement: {value.GetType()}.", nameof(value)),
    };

    /// <summary>One line of COPY's text format.</summary>
    public static void AppendLine(StringBuilder line, IEnumerable<object?> values)
    {
        var isFirst = true;
        foreach (var value in values)
        {
            line.Append(isFirst ? "" : "\t");
            isFirst = false;
            if (Of(value) is { } text)
            {
                AppendEscaped(line, text);
            }
            else
            {
                line.Append("\\N");
            }
        }

        line.Append('\n');
    }

    private static void AppendEscaped(StringBuilder line, string text)
    {
        foreach (var character in text)
        {
            _ = character switch
            {
                '\\' => line.Append("\\\\"),
                '\t' => line.Append("\\t"),
                '\n' => line.Append("\\n"),
                '\r' => line.Append("\\r"),
                _ => line.Append(character),
            };
        }
    }
}
