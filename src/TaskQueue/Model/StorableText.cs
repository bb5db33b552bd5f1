using System.Text;

namespace TaskQueue;

/// <summary>Texts as every store keeps them.</summary>
public static class StorableText
{
    private const char Null = '\0';

    /// <summary>
    /// The text with the replacement character in place of NUL and of each half of a surrogate pair. PostgreSQL keeps neither, SQLite not
    /// the halves.
    /// </summary>
    public static string Of(string text)
    {
        if (!text.Contains(Null) && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return text;
        }

        var storable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            storable.Append(rune.Value == Null ? Rune.ReplacementChar : rune);
        }

        return storable.ToString();
    }
}
