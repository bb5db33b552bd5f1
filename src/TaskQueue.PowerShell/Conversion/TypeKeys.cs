using System.Collections;

namespace TaskQueue.PowerShell;

/// <summary>Reads a parameter's hashtable, whose keys are types.</summary>
internal static class TypeKeys
{
    /// <param name="table">The hashtable of types and values.</param>
    /// <param name="parameter">The parameter, as <c>-Handler</c>.</param>
    /// <param name="values">What its values are, in the plural.</param>
    /// <param name="read">Reads a value, given its type. Throws if the type or the value is not valid.</param>
    /// <exception cref="TaskValidationException">Two keys name the same type.</exception>
    public static Dictionary<string, T> Read<T>(IDictionary table, string parameter, string values, Func<string, object?, T> read)
    {
        var byType = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in table)
        {
            var type = entry.Key.ToString() ?? "";
            if (!byType.TryAdd(type, read(type, entry.Value)))
            {
                // As keys of a hashtable, 1 and '1' differ; as types they are the same.
                throw new TaskValidationException($"{parameter} has two {values} of the type '{type}'.", "Leave one of them out.");
            }
        }

        return byType;
    }
}
