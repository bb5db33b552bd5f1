using System.Text;

namespace TaskQueue.PowerShell;

/// <summary>Turns what a handler returned into the JSON text of the task's result. It never fails because of the value's shape.</summary>
internal static class ResultJson
{
    /// <summary>10 MiB of UTF-8: a result is looked at, not processed; what is larger belongs into a file whose path is the result.</summary>
    public const long Largest = 10 * 1024 * 1024;

    /// <summary>
    /// Null for null. Text that is a JSON object or array is taken as such, since a handler that ends in ConvertTo-Json means
    /// its content; any other text, also <c>12</c> or <c>true</c>, is a JSON string.
    /// </summary>
    public static string? Write(object? result)
    {
        switch (JsonValueWriter.BaseOf(result))
        {
            case null:
                return null;
            case string text when text.TrimStart() is ['{' or '[', ..] && Encoding.UTF8.GetByteCount(text) <= Largest && TaskRules.IsReadableJson(text):
                return text;
        }

        try
        {
            return JsonValueWriter.Write(result, JsonValueRules.Result);
        }
        catch (JsonSizeException)
        {
            return $"\"The result was larger than {Largest / (1024 * 1024)} MiB and was not kept.\"";
        }
    }
}
