using System.Globalization;

namespace TaskQueue;

/// <summary>Text that is safe to show: ids, types, reasons and messages are anybody's, and may hold what a terminal obeys.</summary>
public static class TerminalText
{
    private const char Substitute = '\uFFFD';

    /// <summary>
    /// Whether a character does something to a terminal instead of being shown: a control character, what turns the direction of writing,
    /// and other marks without a shape. The joiners have no shape either, but emoji and several scripts are spelt with them.
    /// </summary>
    public static bool IsUnshowable(char character) => char.GetUnicodeCategory(character) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Format => character is not ('\u200C' or '\u200D'),
        _ => false,
    };

    /// <summary>A text on one line, at most <paramref name="width"/> characters of it, without anything that a terminal would obey.</summary>
    public static string OneLine(string? text, int width = int.MaxValue) => ShortenMiddle(Replaced(text ?? "", IsUnshowable), width);

    /// <summary>A text with its lines and tabs, without anything else that a terminal would obey.</summary>
    public static string Lines(string? text) => Replaced(
        (text ?? "").Replace("\r\n", "\n", StringComparison.Ordinal), character => character is not ('\n' or '\t') && IsUnshowable(character));

    /// <summary>The first line of a message, without what ends it.</summary>
    public static string FirstLine(string? text) => (text ?? "").Split('\n', 2)[0].TrimEnd();

    /// <summary>A long name with its middle replaced by an ellipsis: begin and end are what tells names apart.</summary>
    public static string ShortenMiddle(string text, int width)
    {
        if (text.Length <= width)
        {
            return text;
        }

        var tail = (width - 1) / 2;
        var head = width - 1 - tail;
        return $"{text[..head]}…{text[^tail..]}";
    }

    private static string Replaced(string text, Func<char, bool> isReplaced) => text.Any(isReplaced)
        ? string.Concat(text.Select(character => isReplaced(character) ? Substitute : character))
        : text;
}
