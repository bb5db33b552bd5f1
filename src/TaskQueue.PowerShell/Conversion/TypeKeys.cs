using System.Collections;

namespace TaskQueue.PowerShell;

/// <summary>What a parameter's hashtable says of each type.</summary>
internal static class TypeKeys
{
    /// <param name="table">Types and what is said of them.</param>
    /// <param name="parameter">The parameter, as <c>-Handler</c>.</param>
    /// <param name="values">What its values are, in the plural.</param>
    /// <param name="read">Reads a value, given its type; throws if the type or the value is none.</param>
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
