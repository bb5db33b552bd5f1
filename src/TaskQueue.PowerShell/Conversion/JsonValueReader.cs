using System.Collections;
using System.Collections.Specialized;
using System.Data;
using System.Globalization;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Reads values as far as they can be read: their properties and items run other people's code.</summary>
/// <param name="isLenient">True: what cannot be read is left out, or is null or the name of its type.</param>
internal sealed class JsonValueReader(bool isLenient)
{
    // What describes an instance of CIM, and leads back to all of its class.
    private static readonly string[] CimDescriptions = ["CimClass", "CimInstanceProperties", "CimSystemProperties"];

    /// <summary>The items as far as they can be had.</summary>
    public IEnumerable<object?> ItemsOf(IEnumerable items)
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
                catch (Exception error) when (isLenient && IsOfValue(error))
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

    /// <summary>The keys and values of a dictionary.</summary>
    public IEnumerable<(object Key, object? Value)> EntriesOf(IDictionary dictionary) =>
        ItemsOf(dictionary).Cast<DictionaryEntry>().Select(entry => (entry.Key, entry.Value));

    /// <inheritdoc cref="EntriesOf(IDictionary)"/>
    public IEnumerable<(object Key, object? Value)> EntriesOf(IDictionary<string, object?> dictionary) =>
        ItemsOf(dictionary).Cast<KeyValuePair<string, object?>>().Select(entry => ((object)entry.Key, entry.Value));

    /// <summary>The names and their values, as of a query or the head of an answer; a name that has several has a list of them.</summary>
    public static IEnumerable<(object Key, object? Value)> EntriesOf(NameValueCollection names) =>
        names.AllKeys.Select(name => ((object)(name ?? ""), names.GetValues(name) is [var value] ? (object?)value : names.GetValues(name)));

    /// <summary>The properties that can be read: of a row of a table its columns, of an instance of CIM what it says of itself.</summary>
    public IEnumerable<(object Key, object? Value)> PropertiesOf(PSObject source)
    {
        if ((source.BaseObject as DataRowView)?.Row is { } shown)
        {
            source = PSObject.AsPSObject(shown);
        }

        if (source.BaseObject is DataRow row)
        {
            return row.Table.Columns.Cast<DataColumn>().Select(column => ((object)column.ColumnName, (object?)row[column]));
        }

        var isCim = IsCim(source);
        return source.Properties
            .Where(property => property.IsGettable && !(isCim && CimDescriptions.Contains(property.Name)))
            .Select(property => ((object)property.Name, ValueOf(property)));
    }

    /// <summary>True for an instance of CIM: a record of data, which is disposable only for its transport.</summary>
    public static bool IsCim(PSObject source) => source.TypeNames.Any(
        name => name.EndsWith("Microsoft.Management.Infrastructure.CimInstance", StringComparison.Ordinal));

    /// <summary>The value as text if it is a value of one text; else null.</summary>
    public string? TextOfValue(object value)
    {
        try
        {
            return ValueText.Of(value);
        }
        catch (Exception error) when (isLenient && IsOfValue(error))
        {
            return value.GetType().FullName!;
        }
    }

    public string TextOf(object? value)
    {
        try
        {
            return Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        }
        catch (Exception error) when (isLenient && IsOfValue(error))
        {
            return value!.GetType().FullName!;
        }
    }

    private object? ValueOf(PSPropertyInfo property)
    {
        try
        {
            return property.Value;
        }
        catch (Exception error) when (error is GetValueException || (isLenient && IsOfValue(error)))
        {
            // A property that cannot be read is left out. It must not keep the others from being kept.
            return null;
        }
    }

    // A stop belongs to the pipeline, in whoever's code it comes up.
    private static bool IsOfValue(Exception error) => error is not (PipelineStoppedException or JsonSizeException);
}
