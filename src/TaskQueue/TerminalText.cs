using System.Globalization;
using System.Text;

namespace TaskQueue;

/// <summary>Text that is safe to show: ids, types, reasons and messages are anybody's, and may hold what a terminal obeys.</summary>
public static class TerminalText
{
    /// <summary>
    /// Whether a character does something to a terminal instead of being shown: a control character, what turns the direction of writing,
    /// and other marks without a shape. The joiners have no shape either, but emoji and several scripts are spelt with them.
    /// </summary>
    public static bool IsUnshowable(char character) => !char.IsSurrogate(character) && IsUnshowable(new Rune(character));

    /// <inheritdoc cref="IsUnshowable(char)"/>
    public static bool IsUnshowable(Rune character) =>
        Rune.GetUnicodeCategory(character)
            is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        && !IsJoiner(character);

    /// <summary>
    /// The character in signs that are seen, each in its own way: <c>`t</c>, <c>`u{200B}</c>. The module's users write it so, too.
    /// </summary>
    public static string Escape(Rune character) => character.Value switch
    {
        '\t' => "`t",
        '\n' => "`n",
        '\r' => "`r",
        '\e' => "`e",
        '\a' => "`a",
        var code => FormattableString.Invariant($"`u{{{code:X}}}"),
    };

    /// <summary>
    /// A text on one line, at most <paramref name="width"/> characters of it. What a terminal would obey is shown as <see cref="Escape"/>
    /// writes it.
    /// </summary>
    public static string OneLine(string? text, int width = int.MaxValue) => ShortenMiddle(Escaped(text ?? "", IsUnshowable), width);

    /// <summary>
    /// An id, a type or another name on one line. Different names never look the same: spaces at the ends, unusual spaces and all that is
    /// not seen are shown as <see cref="Escape"/> writes them.
    /// </summary>
    public static string Name(string? name)
    {
        name ??= "";
        if (name.All(character => character is > ' ' and < '\x7F' and not '`'))
        {
            return name;
        }

        Rune[] characters = [.. name.EnumerateRunes()];
        return string.Concat(
            characters.Select((character, index) => IsSeenIn(characters, index) ? character.ToString() : Escape(character)));
    }

    /// <summary>A text with its lines and tabs. What else a terminal would obey is shown as <see cref="Escape"/> writes it.</summary>
    public static string Lines(string? text) => Escaped(
        (text ?? "").Replace("\r\n", "\n", StringComparison.Ordinal),
        character => character.Value is not ('\n' or '\t') && IsUnshowable(character));

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

    private static string Escaped(string text, Func<Rune, bool> isEscaped) => text.EnumerateRunes().Any(isEscaped)
        ? string.Concat(text.EnumerateRunes().Select(character => isEscaped(character) ? Escape(character) : character.ToString()))
        : text;

    /// <summary>Whether a character of a name is seen where it stands, and taken for no other.</summary>
    private static bool IsSeenIn(Rune[] name, int index)
    {
        var before = index == 0 ? default : name[index - 1];
        var after = index == name.Length - 1 ? default : name[index + 1];
        return name[index] switch
        {
            { Value: ' ' } => index > 0 && index < name.Length - 1,
            // What looks as if it were written by Escape.
            { Value: '`' } => after.Value is not ('t' or 'n' or 'r' or 'e' or 'a' or 'u'),
            // Within words of some scripts and within emoji these change what is seen.
            var joiner when IsJoiner(joiner) => !before.IsAscii && !IsJoiner(before) && !after.IsAscii && !IsJoiner(after),
            var selector when IsSelector(selector) => !before.IsAscii && !IsJoiner(before) && !IsSelector(before),
            var other => !IsUnshowable(other) && !IsShapeless(other),
        };
    }

    /// <summary>Spaces beside the usual one, the fillers of Hangul, the blank of Braille, and letters and marks without a shape.</summary>
    private static bool IsShapeless(Rune character) =>
        (!character.IsAscii && Rune.GetUnicodeCategory(character) is UnicodeCategory.SpaceSeparator)
            || character.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0;

    private static bool IsJoiner(Rune character) => character.Value is 0x200C or 0x200D;

    /// <summary>Marks that choose one of the shapes of the character in front of them.</summary>
    private static bool IsSelector(Rune character) =>
        character.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0x180B and <= 0x180F) or (>= 0xE0100 and <= 0xE01EF);
}
