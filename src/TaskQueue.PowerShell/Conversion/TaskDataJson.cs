namespace TaskQueue.PowerShell;

/// <summary>Turns what people give as a task's data into JSON text.</summary>
internal static class TaskDataJson
{
    /// <summary>
    /// Text that is a JSON object or array is taken as it is; any other text, also <c>1.10</c> or <c>true</c>, is a JSON string. Everything
    /// else is written property by property.
    /// </summary>
    /// <param name="data">The value.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="TaskValidationException">The value cannot be written as JSON, or is a secret.</exception>
    public static string Write(object? data, string name = "Data")
    {
        if (JsonValueWriter.BaseOf(data) is string text && IsObjectOrArray(text))
        {
            return text;
        }

        try
        {
            return JsonValueWriter.Write(data, JsonValueRules.Data(name));
        }
        catch (JsonSizeException)
        {
            throw new TaskValidationException(
                $"{name} has more than {TaskRules.LargestData:N0} bytes of JSON.",
                "Store the content elsewhere and give the task its location. Of an object select the properties that the task needs.");
        }
    }

    /// <summary>Text that must be JSON, of whatever kind.</summary>
    /// <exception cref="TaskValidationException">The text is not JSON.</exception>
    public static string Exact(string json) => JsonText.FaultIn(json) is not { } fault
        ? json
        : throw new TaskValidationException(
            $"-DataJson is not JSON: it is wrong {fault}.", "Correct the text. -Data takes text as it is, and objects.");

    /// <summary>Whether the objects that were made of a JSON text have been changed since.</summary>
    /// <exception cref="TaskValidationException">They cannot be written as JSON any more.</exception>
    public static bool IsChanged(object? data, string json, string name) => Write(data, name) != Write(JsonText.Of(json)!.Value, name);

    /// <summary>
    /// True for the text of a JSON object or array. Only such text is taken as JSON: a number or a word such as null is text like any
    /// other.
    /// </summary>
    public static bool IsObjectOrArray(string text) => text.AsSpan().TrimStart() is ['{' or '[', ..] && TaskRules.IsReadableJson(text);
}
