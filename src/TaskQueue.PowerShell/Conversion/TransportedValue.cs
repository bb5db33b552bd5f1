using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>
/// Recognizes a value after it went through a CSV file, through JSON of little depth or through a job. There objects and lists become
/// texts, and times and numbers change their type.
/// </summary>
internal static class TransportedValue
{
    private static readonly JsonValueReader Reader = new(isLenient: true);

    /// <summary>True if <paramref name="seen"/> may be what became of <paramref name="original"/>.</summary>
    public static bool IsOf(object? original, object? seen) => (JsonValueWriter.BaseOf(original), JsonValueWriter.BaseOf(seen)) switch
    {
        (null, null or "") => true,
        ({ } value, string text) => TextsOf(value).Contains(text, StringComparer.Ordinal),
        (string text, DateTime or DateTimeOffset) =>
            LanguagePrimitives.TryConvertTo<DateTimeOffset>(seen, CultureInfo.InvariantCulture, out var time)
                && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var written) && written == time,
        (object?[] list, IEnumerable items) =>
            items.Cast<object?>().ToList() is var read
                && read.Count == list.Length
                && list.Zip(read).All(pair => IsOf(pair.First, pair.Second)),
        (PSObject or IDictionary, PSObject or IDictionary) => HasSameMembers(MembersOf(original!), MembersOf(seen!)),
        ({ } value, { } other) => LanguagePrimitives.Equals(value, other, ignoreCase: false, CultureInfo.InvariantCulture),
        _ => false,
    };

    private static bool HasSameMembers(Dictionary<string, object?> original, Dictionary<string, object?> seen) =>
        original.Count == seen.Count && original.All(member => seen.TryGetValue(member.Key, out var value) && IsOf(member.Value, value));

    private static Dictionary<string, object?> MembersOf(object value)
    {
        var members = JsonValueWriter.BaseOf(value) is IDictionary dictionary
            ? Reader.EntriesOf(dictionary)
            : Reader.PropertiesOf(PSObject.AsPSObject(value));
        return members.ToDictionary(member => Reader.TextOf(member.Key), member => member.Value, StringComparer.Ordinal);
    }

    /// <summary>The texts that PowerShell may write for the value.</summary>
    private static IEnumerable<string> TextsOf(object value) =>
        [
            PSObject.AsPSObject(value).ToString(), LanguagePrimitives.ConvertTo<string>(value),
            Convert.ToString(value, CultureInfo.CurrentCulture) ?? "", value.GetType().FullName!,
        ];
}
