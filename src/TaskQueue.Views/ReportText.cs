using System.Globalization;
using System.Text;

namespace TaskQueue;

/// <summary>A report for people: a title, and lines with a label and two columns.</summary>
/// <param name="columns">The width of its lines at most.</param>
internal sealed class ReportText(int columns)
{
    public const int MostColumns = 100;

    private const int LabelColumns = 13;

    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString().TrimEnd();

    /// <summary>A line as it is; an empty line by default.</summary>
    public void Plain(string line = "") => _text.AppendLine(TerminalText.OneLine(line));

    /// <summary>A line of two columns. Text that does not fit goes on in further lines, under the first word.</summary>
    public void Line(string label, string first, string? second = null)
    {
        first = TerminalText.OneLine(first);
        second = second is null ? null : TerminalText.OneLine(second);
        var head = $"  {label,-10} {first}";
        var line = second is null ? head : $"{head,-36} {second}";
        if (line.Length <= columns)
        {
            _text.AppendLine(line);
            return;
        }

        var start = $"  {label,-10} ";
        foreach (var part in Fold(first, columns - LabelColumns).Concat(second is null ? [] : Fold(second, columns - LabelColumns)))
        {
            _text.Append(start).AppendLine(part);
            start = new string(' ', LabelColumns);
        }
    }

    /// <summary>Remarks on the whole, and what failed after it was done.</summary>
    public void Notes(IEnumerable<string> remarks, IEnumerable<string> warnings)
    {
        foreach (var remark in remarks)
        {
            Line("note", remark);
        }

        foreach (var warning in warnings)
        {
            Line("warning", warning);
        }
    }

    /// <summary>
    /// The text in lines of at most <paramref name="width"/> characters, broken between words. Only a word that is longer than a line is
    /// broken itself.
    /// </summary>
    public static IEnumerable<string> Fold(string text, int width)
    {
        var line = "";
        var words = text.Split(' ').SelectMany(word => word.Length <= width ? [word] : word.Chunk(width).Select(part => new string(part)));
        foreach (var word in words)
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }

    /// <summary>A number with separators of thousands.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
