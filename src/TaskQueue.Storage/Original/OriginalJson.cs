using System.Globalization;
using System.Text;

namespace TaskQueue.Storage;

/// <summary>JSON as the original writes it: in ASCII.</summary>
internal static class OriginalJson
{
    /// <summary>
    /// The same JSON with each character beyond printable ASCII as an escape such as <c>\u79cb</c>. Such characters stand only in strings,
    /// where both forms mean the same.
    /// </summary>
    public static string? Escape(string? json)
    {
        if (json is null || !json.AsSpan().ContainsAnyInRange('\x7F', '\uFFFF'))
        {
            return json;
        }

        var escaped = new StringBuilder(json.Length * 2);
        foreach (var character in json)
        {
            _ = character < '\x7F' ? escaped.Append(character) : escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        }

        return escaped.ToString();
    }
}
