using System.Text;

namespace TaskQueue.PowerShell;

/// <summary>
/// Turns what a handler returned, or Complete-QueueTask was given, into the JSON text of the task's result. It never fails because of the
/// value's shape.
/// </summary>
internal static class ResultJson
{
    /// <summary>
    /// 10 MiB of UTF-8. A result is looked at, not processed. A larger one belongs into a file, with the path of that file as the result.
    /// </summary>
    public const long Largest = 10 * 1024 * 1024;

    /// <summary>
    /// Null for null. Text is treated as in a task's data: it is JSON if it is an object or array, since a handler that ends in
    /// ConvertTo-Json means its content.
    /// </summary>
    /// <exception cref="TaskValidationException">The rules refuse secrets, and the result holds one.</exception>
    public static string? Write(object? result, JsonValueRules rules)
    {
        switch (JsonValueWriter.BaseOf(result))
        {
            case null:
                return null;
            case string text when Encoding.UTF8.GetByteCount(text) <= Largest && TaskDataJson.IsObjectOrArray(text):
                return text;
        }

        try
        {
            return JsonValueWriter.Write(result, rules);
        }
        catch (JsonSizeException)
        {
            return $"\"The result was larger than {Largest / (1024 * 1024)} MiB and was not kept.\"";
        }
    }
}
