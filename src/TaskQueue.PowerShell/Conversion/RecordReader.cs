using System.Globalization;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Reads named properties of an object from anywhere: a task, a row of a CSV file, a deserialized object, a hashtable.</summary>
internal sealed class RecordReader(PSObject source)
{
    public bool Has(string name) => Raw(name, out _);

    /// <summary>The property as <typeparamref name="T"/>; the fallback if it is absent, null or empty text, as in a CSV file.</summary>
    /// <exception cref="TaskValidationException">The value cannot be read as that type.</exception>
    public T? Read<T>(string name, T? fallback = default)
    {
        if (!Raw(name, out var value) || value is null || (value is string text && text.Length == 0))
        {
            return fallback;
        }

        try
        {
            return (T)LanguagePrimitives.ConvertTo(value, typeof(T), CultureInfo.InvariantCulture);
        }
        catch (PSInvalidCastException error)
        {
            if ((Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)) is { IsEnum: true } names)
            {
                throw new TaskValidationException($"{name} '{value}' is none of {string.Join(", ", Enum.GetNames(names))}.", $"Correct {name}.", error);
            }

            throw new TaskValidationException($"{name} '{value}' cannot be read: {Innermost(error).Message}", $"Correct {name}, or leave it out.", error);
        }
    }

    /// <summary>A time. One without an offset is local, as everywhere in PowerShell.</summary>
    public DateTimeOffset? ReadTime(string name) => Read<DateTimeOffset?>(name)?.ToUniversalTime();

    /// <summary>The JSON text of a value that may also be there as text under its name with Json behind it.</summary>
    public string? ReadJson(string name)
    {
        if (Read<string>(name + "Json") is { } json)
        {
            return json;
        }

        return Raw(name, out var value) && value is not null and not "" ? DataJson.Write(value) : null;
    }

    private static Exception Innermost(Exception error) => error.InnerException is { } inner ? Innermost(inner) : error;

    private bool Raw(string name, out object? value)
    {
        if (source.BaseObject is System.Collections.IDictionary dictionary)
        {
            var key = dictionary.Keys.OfType<string>().FirstOrDefault(key => key.Equals(name, StringComparison.OrdinalIgnoreCase));
            value = key is null ? null : Unwrap(dictionary[key]);
            return key is not null;
        }

        var property = source.Properties[name];
        value = Unwrap(property?.Value);
        return property is not null;
    }

    private static object? Unwrap(object? value) => value switch
    {
        // What Export-Clixml makes of a time: an object of its parts.
        PSObject { BaseObject: PSCustomObject } parts when parts.TypeNames.Contains("Deserialized.System.DateTimeOffset") && parts.Properties["UtcTicks"]?.Value is long ticks =>
            new DateTimeOffset(ticks, TimeSpan.Zero),
        PSObject { BaseObject: not PSCustomObject } wrapped => wrapped.BaseObject,
        _ => value,
    };
}
