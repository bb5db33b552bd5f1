using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TaskQueue.PowerShell;

/// <summary>Turns what people give as a task's data into JSON text.</summary>
internal static class DataJson
{
    // Deeper objects are nearly always cycles, such as a FileInfo whose Directory has a Parent and so on.
    private const int DeepestLevel = 32;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Text that is JSON is taken as it is; text that begins like an object or array and is none is an error; any other text
    /// is a JSON string. Everything else is written property by property.
    /// </summary>
    /// <exception cref="TaskValidationException">The value cannot be written as JSON.</exception>
    public static string Write(object data)
    {
        if (BaseOf(data) is string text)
        {
            if (TaskRules.IsReadableJson(text))
            {
                return text;
            }

            if (text.TrimStart() is ['{' or '[', ..])
            {
                throw new TaskValidationException("Data begins like JSON and cannot be read as such.", "Correct the text, or give an object or a hashtable.");
            }
        }

        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            Write(writer, data, 0);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter writer, object? value, int level)
    {
        if (level > DeepestLevel)
        {
            throw new TaskValidationException(
                $"Data is nested more than {DeepestLevel} levels deep, or refers to itself.", "Select the properties the task needs, for example with Select-Object.");
        }

        switch (BaseOf(value))
        {
            case null: writer.WriteNullValue(); break;
            // Before IFormattable: PSObject is that too, and would become a text such as @{Name=x}.
            case PSObject custom: WriteObject(writer, custom, level); break;
            case string text: writer.WriteStringValue(text); break;
            case char character: writer.WriteStringValue(character.ToString()); break;
            case bool or SwitchParameter: writer.WriteBooleanValue(LanguagePrimitives.IsTrue(value)); break;
            case double number: WriteFloat(writer, number); break;
            case float number: WriteFloat(writer, number); break;
            case Enum name: writer.WriteStringValue(name.ToString()); break;
            case decimal or sbyte or byte or short or ushort or int or uint or long or ulong or System.Numerics.BigInteger:
                writer.WriteRawValue(Convert.ToString(BaseOf(value), CultureInfo.InvariantCulture)!);
                break;
            case DateTime time: writer.WriteStringValue(time.ToString("o", CultureInfo.InvariantCulture)); break;
            case DateTimeOffset time: writer.WriteStringValue(time.ToString("o", CultureInfo.InvariantCulture)); break;
            case byte[] bytes: writer.WriteBase64StringValue(bytes); break;
            case IDictionary dictionary: WriteDictionary(writer, dictionary, level); break;
            case IEnumerable items: WriteArray(writer, items, level); break;
            case IFormattable text: writer.WriteStringValue(text.ToString(null, CultureInfo.InvariantCulture)); break;
            case Uri or Version or ScriptBlock or Type: writer.WriteStringValue(BaseOf(value)!.ToString()); break;
            default: WriteObject(writer, PSObject.AsPSObject(value), level); break;
        }
    }

    private static void WriteFloat(Utf8JsonWriter writer, double number)
    {
        if (!double.IsFinite(number))
        {
            throw new TaskValidationException($"Data holds the number {number}, which JSON cannot express.", "Use a finite number or a text.");
        }

        writer.WriteNumberValue(number);
    }

    private static void WriteDictionary(Utf8JsonWriter writer, IDictionary dictionary, int level)
    {
        writer.WriteStartObject();
        foreach (DictionaryEntry entry in dictionary)
        {
            writer.WritePropertyName(Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!);
            Write(writer, entry.Value, level + 1);
        }

        writer.WriteEndObject();
    }

    private static void WriteArray(Utf8JsonWriter writer, IEnumerable items, int level)
    {
        writer.WriteStartArray();
        foreach (var item in items)
        {
            Write(writer, item, level + 1);
        }

        writer.WriteEndArray();
    }

    private static void WriteObject(Utf8JsonWriter writer, PSObject source, int level)
    {
        writer.WriteStartObject();
        foreach (var property in source.Properties.Where(property => property.IsGettable))
        {
            writer.WritePropertyName(property.Name);
            Write(writer, ValueOf(property), level + 1);
        }

        writer.WriteEndObject();
    }

    private static object? ValueOf(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (GetValueException)
        {
            // A property that cannot be read says nothing; it must not keep the others from being kept.
            return null;
        }
    }

    private static object? BaseOf(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
}
