using System.Collections.Specialized;
using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace TaskQueue;

/// <summary>JSON text and, once asked for, the plain objects it stands for.</summary>
internal sealed class JsonText : IEquatable<JsonText>
{
    // Deep enough for any real task data; far below what would exhaust the stack.
    internal static readonly JsonDocumentOptions Options = new() { MaxDepth = 256 };

    private static readonly object NotParsed = new();

    private object? _value = NotParsed;

    private JsonText(string text) => Text = text;

    public string Text { get; }

    /// <summary>True once <see cref="Value"/> was asked for.</summary>
    public bool IsParsed => !ReferenceEquals(Volatile.Read(ref _value), NotParsed);

    /// <summary>
    /// Objects (<see cref="JsonObjects"/>), arrays, strings, numbers and booleans; the text itself if it is no JSON. The same each time.
    /// </summary>
    public object? Value
    {
        get
        {
            if (ReferenceEquals(Volatile.Read(ref _value), NotParsed))
            {
                Interlocked.CompareExchange(ref _value, Parse(Text), NotParsed);
            }

            return _value;
        }
    }

    public static JsonText? Of(string? text) => text is null ? null : new JsonText(text);

    // Tasks are records: two that were read with the same text are equal.
    public bool Equals(JsonText? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as JsonText);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <summary>True if the text is JSON that this product can read back.</summary>
    public static bool IsReadable(string text) => FaultIn(text) is null;

    /// <summary>Null for JSON that this product can read back; else where it is wrong, such as <c>at line 1, byte 8</c>.</summary>
    public static string? FaultIn(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Options);
            EnsureConvertible(document.RootElement);
            return null;
        }
        catch (JsonException error)
        {
            return FormattableString.Invariant($"at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}");
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            return "in a text with half of a surrogate pair";
        }
    }

    private static object? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Options);
            return Convert(document.RootElement);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            return text;
        }
    }

    // Half of a surrogate pair is no text. As an escape, which JSON allows, it raises an InvalidOperationException; as it is, an
    // ArgumentException.
    private static bool IsUnreadable(Exception error) => error is JsonException or InvalidOperationException or ArgumentException;

    /// <summary>Throws what <see cref="Convert"/> would throw: for a text that is none.</summary>
    private static void EnsureConvertible(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    EnsureConvertible(property.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    EnsureConvertible(item);
                }

                break;
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            default:
                break;
        }
    }

    private static object? Convert(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => ConvertObject(element),
        JsonValueKind.Array => element.EnumerateArray().Select(Convert).ToArray(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => ConvertNumber(element),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static object ConvertObject(JsonElement element)
    {
        // Case-insensitive, unless that would drop a key: people remember a word, not its case.
        var names = element.EnumerateObject().Select(property => property.Name).ToList();
        var comparer = names.Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Distinct(StringComparer.Ordinal).Count()
            ? StringComparer.OrdinalIgnoreCase
            : StringComparer.Ordinal;
        var dictionary = new OrderedDictionary(names.Count, comparer);
        foreach (var property in element.EnumerateObject())
        {
            dictionary[property.Name] = Convert(property.Value);
        }

        return JsonObjects.Make(dictionary);
    }

    private static object ConvertNumber(JsonElement element)
    {
        if (element.TryGetInt64(out var whole))
        {
            return whole;
        }

        // Reading digits into a BigInteger takes time that grows with their square: a longer number stays text.
        const int MostDigits = 1000;
        var text = element.GetRawText();
        if (text.Length > MostDigits)
        {
            return text;
        }

        if (BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var big))
        {
            return big;
        }

        var number = element.GetDouble();
        if (number.ToString(CultureInfo.InvariantCulture) != text
            && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
            && exact.ToString(CultureInfo.InvariantCulture) == text)
        {
            // Numbers such as 1.10, or with more digits than a double has, keep their text when they are written again.
            return exact;
        }

        // Beyond the range of a double, the text is more accurate than infinity.
        return double.IsFinite(number) ? number : text;
    }
}
