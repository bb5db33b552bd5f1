using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Turns what people give as a task's data into JSON text.</summary>
internal static class DataJson
{
    /// <summary>
    /// Text that is JSON is taken as it is; text that begins like an object or array and is none is an error; any other text
    /// is a JSON string. Everything else is written property by property.
    /// </summary>
    /// <exception cref="TaskValidationException">The value cannot be written as JSON.</exception>
    public static string Write(object data)
    {
        if ((data is PSObject wrapped ? wrapped.BaseObject : data) is string text)
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

        return JsonValueWriter.Write(data, JsonValueRules.Data);
    }
}
