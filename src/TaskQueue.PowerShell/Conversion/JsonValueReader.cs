using System.Collections;
using System.Collections.Specialized;
using System.Data;
using System.Globalization;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Reads the properties and items of values. Reading them runs other people's code, which may fail.</summary>
/// <param name="isLenient">True: what cannot be read is left out, or is null or the name of its type.</param>
internal sealed class JsonValueReader(bool isLenient)
{
    // These properties describe a CIM instance, and refer to all of its class.
    private static readonly string[] CimDescriptions = ["CimClass", "CimInstanceProperties", "CimSystemProperties"];

    /// <summary>The items. A lenient reader ends at the first that cannot be read.</summary>
    public IEnumerable<object?> ItemsOf(IEnumerable items)
    {
        // A dictionary is not enumerated as IEnumerable: some generic ones return KeyValuePair there.
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

    /// <summary>
    /// The names and their values, such as those of a query string or of HTTP headers. A name with several values has a list of them.
    /// </summary>
    public static IEnumerable<(object Key, object? Value)> EntriesOf(NameValueCollection names) =>
        names.AllKeys.Select(name => ((object)(name ?? ""), names.GetValues(name) is [var value] ? (object?)value : names.GetValues(name)));

    /// <summary>
    /// The properties that can be read. For a row of a table these are its columns; for a CIM instance, its data without the description of
    /// its class.
    /// </summary>
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

    /// <summary>True for a CIM instance. It is a record of data, and disposable only for its transport.</summary>
    public static bool IsCim(PSObject source) => source.TypeNames.Any(
        name => name.EndsWith("Microsoft.Management.Infrastructure.CimInstance", StringComparison.Ordinal));

    /// <summary>The text of a value that is kept as one text; null for any other value.</summary>
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

    // True for an error of the value itself. A stop belongs to the pipeline, whatever code throws it.
    private static bool IsOfValue(Exception error) => error is not (PipelineStoppedException or JsonSizeException);
}
