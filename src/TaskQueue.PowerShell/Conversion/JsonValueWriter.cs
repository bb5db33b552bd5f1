using System.Collections;
using System.Collections.Specialized;
using System.Data;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Management.Automation.Language;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace TaskQueue.PowerShell;

/// <summary>Writes any value of PowerShell as JSON, property by property.</summary>
internal sealed class JsonValueWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Utf8JsonWriter _writer;
    private readonly JsonValueRules _rules;
    private readonly JsonValueReader _reader;
    private readonly ValuePath _place;

    // The values that are being written at this moment, each within the one before. A value that comes up again within itself is a cycle.
    private readonly HashSet<object> _open = new(ReferenceEqualityComparer.Instance);
    private int _objects;

    private JsonValueWriter(Utf8JsonWriter writer, JsonValueRules rules)
    {
        _writer = writer;
        _rules = rules;
        _reader = new JsonValueReader(rules.IsLenient);
        _place = new ValuePath(rules.Name);
    }

    /// <exception cref="TaskValidationException">The rules refuse what the value is or holds.</exception>
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

    /// <summary>
    /// The value without PowerShell's wrapper. A custom object consists of its wrapper, which is returned. Null for values that mean
    /// nothing: the output of a command that wrote none, DBNull and NullString.
    /// </summary>
    public static object? BaseOf(object? value) => ReferenceEquals(value, AutomationNull.Value)
        ? null
        : (value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value) switch
        {
            DBNull or NullString => null,
            var plain => plain,
        };

    private void WriteValue(object? value, int level)
    {
        EnsureSize(0);
        switch (BaseOf(value))
        {
            case null: _writer.WriteNullValue(); break;
            case string text: WriteText(text); break;
            case bool or SwitchParameter: _writer.WriteBooleanValue(LanguagePrimitives.IsTrue(value)); break;
            case double or float or Half or decimal or sbyte or byte or short or ushort or int or uint or long or ulong
                or Int128 or UInt128 or BigInteger:
                WriteNumber(BaseOf(value)!);
                break;
            case byte[] bytes: WriteBytes(bytes); break;
            case { } secret when SecretTypes.Holds(secret): WriteSecret(secret); break;
            // Before IFormattable, which PSObject implements: the text would be something like @{Name=x}.
            case PSObject custom: WriteNested(custom, level, () => WriteMembers(_reader.PropertiesOf(custom), level)); break;
            case JsonElement element: WriteJson(element.GetRawText()); break;
            case JsonDocument document: WriteJson(document.RootElement.GetRawText()); break;
            case JsonNode node: WriteJson(node.ToJsonString()); break;
            case IDictionary dictionary: WriteNested(dictionary, level, () => WriteMembers(_reader.EntriesOf(dictionary), level)); break;
            case NameValueCollection names: WriteNested(names, level, () => WriteMembers(JsonValueReader.EntriesOf(names), level)); break;
            case IDictionary<string, object?> members:
                WriteNested(members, level, () => WriteMembers(_reader.EntriesOf(members), level));
                break;
            case DataTable table: WriteNested(table, level, () => WriteArray(table.Rows, level)); break;
            case { } other when _reader.TextOfValue(other) is { } text: WriteText(text); break;
            case IEnumerable items: WriteNested(items, level, () => WriteArray(items, level)); break;
            case { } other: WriteObject(other, PSObject.AsPSObject(value!), level); break;
        }
    }

    private void WriteNumber(object number)
    {
        var text = Convert.ToString(number, CultureInfo.InvariantCulture)!;
        var isFinite = number switch
        {
            double value => double.IsFinite(value),
            float value => float.IsFinite(value),
            Half value => Half.IsFinite(value),
            _ => true,
        };
        if (isFinite)
        {
            _writer.WriteRawValue(text);
        }
        else if (_rules.IsLenient)
        {
            WriteText(text);
        }
        else
        {
            throw new TaskValidationException(
                $"{_place} is the number {text}, which JSON cannot express.", "Use a finite number or a text.");
        }
    }

    private void WriteText(string text)
    {
        EnsureSize(text.Length);
        EnsureIsText(text);
        _writer.WriteStringValue(text);
    }

    /// <summary>Refuses half of a surrogate pair, which would silently become U+FFFD.</summary>
    private void EnsureIsText(string text)
    {
        if (!_rules.IsLenient && text.AsSpan().ContainsLoneSurrogate())
        {
            throw new TaskValidationException(
                $"{_place} holds half of a surrogate pair, which JSON cannot express.",
                "Correct the text: it was cut within a character, or is not text. Bytes may be given as a byte array.");
        }
    }

    private void WriteBytes(byte[] bytes)
    {
        EnsureSize(bytes.Length);
        _writer.WriteBase64StringValue(bytes);
    }

    private void WriteJson(string json)
    {
        EnsureSize(json.Length);
        _writer.WriteRawValue(json);
    }

    private void WriteSecret(object secret)
    {
        var kind = KindOf(secret);
        if (_rules.RefusesSecrets)
        {
            throw new TaskValidationException(
                $"{_place} is a secret ({kind}), and a queue keeps no secrets.",
                "Leave it out. A handler gets secrets by itself, for example from a vault, or by -Variable of Start-QueueWorker.");
        }

        WriteText($"{kind}: a secret, not kept");
    }

    private void WriteObject(object value, PSObject source, int level)
    {
        if (!_rules.IsLenient && value is IDisposable or Delegate && !JsonValueReader.IsCim(source))
        {
            WriteUnwritable(value, "lives in this process and cannot be kept.");
            return;
        }

        if (_objects == _rules.DeepestObject)
        {
            WriteUnwritable(value, $"is nested more than {_rules.DeepestObject} objects deep.");
            return;
        }

        _objects++;
        WriteNested(value, level, () => WriteMembers(_reader.PropertiesOf(source), level));
        _objects--;
    }

    private void WriteNested(object container, int level, Action write)
    {
        if (level > JsonValueRules.DeepestLevel)
        {
            WriteUnwritable(container, $"is nested more than {JsonValueRules.DeepestLevel} levels deep.");
        }
        else if (_open.Add(container))
        {
            write();
            _open.Remove(container);
        }
        else
        {
            WriteUnwritable(container, "refers to itself: it is one of the objects that hold it.");
        }
    }

    private void WriteUnwritable(object value, string why)
    {
        if (!_rules.IsLenient)
        {
            throw new TaskValidationException(
                $"{_place} ({KindOf(value)}) {why}", "Select the properties the task needs, for example with Select-Object.");
        }

        WriteText(_reader.TextOf(value));
    }

    private void WriteMembers(IEnumerable<(object Key, object? Value)> members, int level)
    {
        _writer.WriteStartObject();
        // Keys of different types may have the same text.
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in members)
        {
            var name = _reader.TextOf(key);
            EnsureIsText(name);
            if (names.Add(name))
            {
                WriteMember(name, value, level);
            }
            else if (!_rules.IsLenient)
            {
                throw new TaskValidationException($"{_place} has two keys '{name}'.", "Leave one of them out, or rename it.");
            }
        }

        _writer.WriteEndObject();
    }

    private void WriteMember(string name, object? value, int level)
    {
        EnsureSize(name.Length);
        _writer.WritePropertyName(name);
        _place.EnterProperty(name);
        WriteValue(value, level + 1);
        _place.Leave();
    }

    private void WriteArray(IEnumerable items, int level)
    {
        _writer.WriteStartArray();
        var index = 0;
        foreach (var item in _reader.ItemsOf(items))
        {
            _place.EnterItem(index++);
            WriteValue(item, level + 1);
            _place.Leave();
        }

        _writer.WriteEndArray();
    }

    /// <summary>The name of the value's type as its author knows it, without the namespace.</summary>
    private static string KindOf(object value) =>
        PSObject.AsPSObject(value).TypeNames is [var name, ..] ? name[(name.LastIndexOf('.') + 1)..] : value.GetType().Name;

    private void EnsureSize(long more)
    {
        if (_writer.BytesCommitted + _writer.BytesPending + more > _rules.Largest)
        {
            throw new JsonSizeException();
        }
    }
}
