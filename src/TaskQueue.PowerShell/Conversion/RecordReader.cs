using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace TaskQueue.PowerShell;

/// <summary>Reads named properties of an object from anywhere: a task, a row of a CSV file, a deserialized object, a hashtable.</summary>
internal sealed partial class RecordReader(PSObject source)
{
    private static readonly string TaskTypeName = typeof(QueueTask).FullName!;

    // A custom object keeps its values when it crosses a job's boundary. A text in it was a text before, in whatever format.
    private const string CustomFromJob = "Deserialized.System.Management.Automation.PSCustomObject";

    /// <summary>
    /// True if PowerShell wrote the object's times as text when the object crossed a job's boundary. Select-Object may have made a new
    /// object of it since.
    /// </summary>
    private bool IsFromJob => FromJob().IsMatch(TypeName) && !source.TypeNames.Contains(CustomFromJob);

    public bool Has(string name) => Raw(name, out _);

    /// <summary>The property as <typeparamref name="T"/>; the fallback if it is absent, null or empty text, as in a CSV file.</summary>
    /// <exception cref="TaskValidationException">The value cannot be read as that type.</exception>
    public T? Read<T>(string name, T? fallback = default)
    {
        if (!Raw(name, out var value) || value is null || (value is string text && text.Length == 0))
        {
            return fallback;
        }

        var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        if (type == typeof(string) && value is PSObject or (System.Collections.IEnumerable and not string))
        {
            // Converted to text, it would become the name of its type, or all its items in a row.
            throw new TaskValidationException($"{name} is an object or a list, not a text.", $"Correct {name}, or leave it out.");
        }

        if (type == typeof(DateTimeOffset) && value is not (string or DateTime or DateTimeOffset))
        {
            // PowerShell would convert a hashtable to the year 1, and a number to days since 1900.
            throw new TaskValidationException(
                $"{name} is not a time, but a value of the type {value.GetType().Name}.", $"Correct {name}, or leave it out.");
        }

        try
        {
            return (T)((value is string written ? OfText(type, written) : null)
                ?? LanguagePrimitives.ConvertTo(value, typeof(T), CultureInfo.InvariantCulture));
        }
        catch (FormatException error)
        {
            throw new TaskValidationException($"{name} {error.Message}", $"Correct {name}.", error);
        }
        catch (PSInvalidCastException error)
        {
            throw new TaskValidationException(
                $"{name} '{value}' cannot be read: {Innermost(error).Message}", $"Correct {name}, or leave it out.", error);
        }
    }

    /// <summary>A time. One without an offset is local, as everywhere in PowerShell.</summary>
    public DateTimeOffset? ReadTime(string name) => Read<DateTimeOffset?>(name)?.ToUniversalTime();

    /// <summary>When a task was taken back. JSON and serialization turn this into an object that holds its text.</summary>
    public RecoveryHistory ReadRecoveries(string name) => Raw(name, out var value)
        ? value switch
        {
            RecoveryHistory history => history,
            string { Length: > 0 } text => new RecoveryHistory(text),
            PSObject parts => new RecoveryHistory(parts.Properties[nameof(RecoveryHistory.Text)]?.Value as string),
            _ => default,
        }
        : default;

    /// <summary>
    /// The JSON text of a value. The record may also have that text itself, in a property whose name ends in Json. The text is exact, so it
    /// is preferred unless the value was changed since.
    /// </summary>
    /// <exception cref="TaskValidationException">Both are there and differ, and either may have been changed.</exception>
    public string? ReadJson(string name)
    {
        var isThere = Raw(name, out var value);
        if (Read<string>(name + "Json") is not { } json)
        {
            return isThere && value is not null and not "" ? TaskDataJson.Write(value, name) : null;
        }

        return !isThere || !IsChanged(value, json, name) ? json
            : source.BaseObject is QueueTask ? TaskDataJson.Write(value, name)
            : throw new TaskValidationException(
                $"{name} and {name}Json of the object say different things.",
                $"Leave out the one that is not meant, as by: Select-Object * -ExcludeProperty {name}Json");
    }

    /// <summary>Whether a task, or a copy of one, has other data than it was read with.</summary>
    public bool HasChangedData() => source.BaseObject is QueueTask { HasReadData: false }
        ? false
        : Raw(nameof(QueueTask.Data), out var value)
            && Read<string>(nameof(QueueTask.DataJson)) is { } json
            && IsChanged(value, json, nameof(QueueTask.Data));

    /// <summary>The names of the object's properties, or of a dictionary's keys.</summary>
    public IEnumerable<string> Names => source.BaseObject is System.Collections.IDictionary dictionary
        ? dictionary.Keys.OfType<string>()
        : source.Properties.Select(property => property.Name);

    /// <summary>True for a task of this process, or for what Select-Object made of one. The values of both are the task's own.</summary>
    private bool IsTask => source.BaseObject is QueueTask || TypeName.StartsWith($"Selected.{TaskTypeName}", StringComparison.Ordinal);

    private string TypeName => source.TypeNames.FirstOrDefault() ?? "";

    // A value that came by CSV or JSON may have lost its depth, and people leave a column of a CSV file empty.
    private bool IsChanged(object? value, string json, string name) => IsTask
        ? TaskDataJson.IsChanged(value, json, name)
        : value is not (null or "") && !TransportedValue.IsOf(JsonText.Of(json)!.Value, value);

    /// <summary>
    /// The value of a text for types where PowerShell's own conversion would guess. Null leaves the text to that conversion.
    /// </summary>
    /// <exception cref="FormatException">The text has no meaning, or more than one.</exception>
    private object? OfText(Type type, string text) => type switch
    {
        { IsEnum: true } => EnumNames.Parse(type, text),
        _ when type == typeof(DateTimeOffset) => RecordText.Time(text, IsFromJob),
        _ when type == typeof(int) && !NumberAttribute.IsPlain(text) =>
            throw new FormatException($"'{text}' cannot be read: it is not a plain number."),
        _ when type == typeof(double) => RecordText.Number(text),
        _ => null,
    };

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

    /// <summary>
    /// The value without PowerShell's wrapper. A time or a length of time that serialization took apart is put together again.
    /// </summary>
    public static object? Unwrap(object? value) => value switch
    {
        // What Export-Clixml makes of a time: an object of its parts.
        PSObject { BaseObject: PSCustomObject } parts when parts.TypeNames.Contains("Deserialized.System.DateTimeOffset")
            && parts.Properties["UtcTicks"]?.Value is long ticks =>
            new DateTimeOffset(ticks, TimeSpan.Zero),
        // What ConvertTo-Json makes of a length of time.
        PSObject { BaseObject: PSCustomObject } parts when parts.Properties["Ticks"]?.Value is long ticks
            && parts.Properties["TotalSeconds"] is not null => TimeSpan.FromTicks(ticks),
        _ => JsonValueWriter.BaseOf(value),
    };

    [GeneratedRegex(@"^(Selected\.)?Deserialized\.(?!CSV:|Selected\.|System\.Management\.Automation\.PSCustomObject$)")]
    private static partial Regex FromJob();
}
