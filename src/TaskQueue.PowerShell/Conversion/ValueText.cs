using System.Globalization;
using System.Management.Automation;
using System.Net.Mail;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace TaskQueue.PowerShell;

/// <summary>Recognizes values that are kept as one text in JSON. From their properties nobody could make them again.</summary>
internal static class ValueText
{
    /// <summary>The text; null for any other value.</summary>
    public static string? Of(object value) => value switch
    {
        string text => text,
        char character => character.ToString(),
        Enum name => name.ToString(),
        DateTime or DateTimeOffset or DateOnly or TimeOnly => ((IFormattable)value).ToString("o", CultureInfo.InvariantCulture),
        FileSystemInfo file => file.FullName,
        PathInfo location => location.Path,
        XmlNode node => node.OuterXml,
        XDocument document => document.Declaration + document.ToString(SaveOptions.DisableFormatting),
        XNode node => node.ToString(SaveOptions.DisableFormatting),
        // ToString would decode what was written encoded.
        Uri uri => uri.OriginalString,
        Exception error => error.Message,
        TimeZoneInfo zone => zone.Id,
        Encoding encoding => encoding.WebName,
        ErrorRecord or InformationalRecord or InformationRecord or ScriptBlock or Type => value.ToString(),
        Version or Regex or StringBuilder or CultureInfo or MailAddress or XObject => value.ToString(),
        Duration length => length.Value.ToString("c"),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => IsReadFromText(value.GetType()) ? value.ToString() : null,
    };

    /// <summary>Whether the type can read a value from its text, as SemanticVersion, IPEndPoint and PhysicalAddress can.</summary>
    private static bool IsReadFromText(Type type) =>
        type.GetMethod("Parse", BindingFlags.Public | BindingFlags.Static, [typeof(string)])?.ReturnType == type;
}
