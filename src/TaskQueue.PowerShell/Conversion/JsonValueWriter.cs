using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TaskQueue.PowerShell;

/// <summary>Writes any value of PowerShell as JSON, property by property.</summary>
internal sealed class JsonValueWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Utf8JsonWriter _writer;
    private readonly JsonValueRules _rules;

    // What is being written at this moment, from the outermost inwards: what comes up again within itself is a cycle.
    private readonly HashSet<object> _path = new(ReferenceEqualityComparer.Instance);
    private int _objects;

    private JsonValueWriter(Utf8JsonWriter writer, JsonValueRules rules)
    {
        _writer = writer;
        _rules = rules;
    }

    /// <exception cref="TaskValidationException">Not lenient: the value cannot be written as JSON.</exception>
    /// <exception cref="JsonSizeException">The text is larger than the rules allow.</exception>
    public static string Write(object? value, JsonValueRules rules)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            new JsonValueWriter(writer, rules).WriteValue(value, 0);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>The value without the wrapper that PowerShell puts around it; a custom object is its wrapper.</summary>
    public static object? BaseOf(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    private void WriteValue(object? value, int level)
    {
        EnsureSize(0);
        switch (BaseOf(value))
        {
            case null: _writer.WriteNullValue(); break;
            // Before IFormattable: PSObject is that too, and would become a text such as @{Name=x}.
            case PSObject custom: WriteNested(custom, level, () => WriteProperties(custom, level)); break;
            case string text: WriteText(text); break;
            case char character: WriteText(character.ToString()); break;
            case bool or SwitchParameter: _writer.WriteBooleanValue(LanguagePrimitives.IsTrue(value)); break;
            case double number: WriteFloat(number); break;
            case float number: WriteFloat(number); break;
            case Enum name: WriteText(name.ToString()); break;
            case decimal or sbyte or byte or short or ushort or int or uint or long or ulong or System.Numerics.BigInteger:
                _writer.WriteRawValue(Convert.ToString(BaseOf(value), CultureInfo.InvariantCulture)!);
                break;
            case DateTime time: WriteText(time.ToString("o", CultureInfo.InvariantCulture)); break;
            case DateTimeOffset time: WriteText(time.ToString("o", CultureInfo.InvariantCulture)); break;
            case byte[] bytes: WriteBytes(bytes); break;
            case IDictionary dictionary: WriteNested(dictionary, level, () => WriteDictionary(dictionary, level)); break;
            case IEnumerable items: WriteNested(items, level, () => WriteArray(items, level)); break;
            case IFormattable or Uri or Version or ScriptBlock or Type: WriteText(TextOf(BaseOf(value)!)); break;
            case { } other: WriteObject(other, value, level); break;
        }
    }

    private void WriteFloat(double number)
    {
        if (double.IsFinite(number))
        {
            _writer.WriteNumberValue(number);
        }
        else if (_rules.IsLenient)
        {
            WriteText(number.ToString(CultureInfo.InvariantCulture));
        }
        else
        {
            throw new TaskValidationException($"Data holds the number {number}, which JSON cannot express.", "Use a finite number or a text.");
        }
    }

    private void WriteText(string text)
    {
        EnsureSize(text.Length);
        _writer.WriteStringValue(text);
    }

    private void WriteBytes(byte[] bytes)
    {
        EnsureSize(bytes.Length);
        _writer.WriteBase64StringValue(bytes);
    }

    private void WriteObject(object value, object? wrapped, int level)
    {
        if (_objects == _rules.DeepestObject && _rules.IsLenient)
        {
            WriteText(TextOf(value));
            return;
        }

        _objects++;
        WriteNested(value, level, () => WriteProperties(PSObject.AsPSObject(wrapped), level));
        _objects--;
    }

    private void WriteNested(object container, int level, Action write)
    {
        if (level <= JsonValueRules.DeepestLevel && _path.Add(container))
        {
            write();
            _path.Remove(container);
        }
        else if (_rules.IsLenient)
        {
            WriteText(TextOf(container));
        }
        else
        {
            throw new TaskValidationException(
                $"Data is nested more than {JsonValueRules.DeepestLevel} levels deep, or refers to itself.",
                "Select the properties the task needs, for example with Select-Object.");
        }
    }

    private void WriteDictionary(IDictionary dictionary, int level)
    {
        _writer.WriteStartObject();
        // Keys of different types may have one text.
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in ItemsOf(dictionary))
        {
            var entry = (DictionaryEntry)item!;
            var name = TextOf(entry.Key);
            if (names.Add(name))
            {
                WriteProperty(name, entry.Value, level);
            }
        }

        _writer.WriteEndObject();
    }

    private void WriteArray(IEnumerable items, int level)
    {
        _writer.WriteStartArray();
        foreach (var item in ItemsOf(items))
        {
            WriteValue(item, level + 1);
        }

        _writer.WriteEndArray();
    }

    private void WriteProperties(PSObject source, int level)
    {
        _writer.WriteStartObject();
        foreach (var property in source.Properties.Where(property => property.IsGettable))
        {
            WriteProperty(property.Name, ValueOf(property), level);
        }

        _writer.WriteEndObject();
    }

    private void WriteProperty(string name, object? value, int level)
    {
        EnsureSize(name.Length);
        _writer.WritePropertyName(name);
        WriteValue(value, level + 1);
    }

    /// <summary>The items as far as they can be had.</summary>
    private IEnumerable<object?> ItemsOf(IEnumerable items)
    {
        // Not foreach over a dictionary as IEnumerable: some generic ones give KeyValuePair there.
        var enumerator = items is IDictionary dictionary ? dictionary.GetEnumerator() : items.GetEnumerator();
        try
        {
            while (true)
            {
                object? item;
                try
                {
                    if (!enumerator.MoveNext())
                    {
                        yield break;
                    }

                    item = enumerator.Current;
                }
                catch (Exception error) when (_rules.IsLenient && IsOfValue(error))
                {
                    yield break;
                }

                yield return item;
            }
        }
        finally
        {
            (enumerator as IDisposable)?.Dispose();
        }
    }

    private object? ValueOf(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (Exception error) when (error is GetValueException || (_rules.IsLenient && IsOfValue(error)))
        {
            // A property that cannot be read says nothing; it must not keep the others from being kept.
            return null;
        }
    }

    private string TextOf(object? value)
    {
        try
        {
            return Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        }
        catch (Exception error) when (_rules.IsLenient && IsOfValue(error))
        {
            return value!.GetType().FullName!;
        }
    }

    // A stop is the pipeline's, whoever's code it comes up in.
    private static bool IsOfValue(Exception error) => error is not (PipelineStoppedException or JsonSizeException);

    private void EnsureSize(long more)
    {
        if (_writer.BytesCommitted + _writer.BytesPending + more > _rules.Largest)
        {
            throw new JsonSizeException();
        }
    }
}
