using System.Collections;
using System.Collections.Specialized;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>
/// Turns JSON objects into custom objects of PowerShell. Measure-Object, Sort-Object, Select-Object and tables look at properties; of a
/// dictionary they would see its own properties, not its entries.
/// </summary>
public sealed class CustomObjects : IModuleAssemblyInitializer
{
    // PowerShell keeps these names for itself on every object.
    private static readonly string[] Reserved = ["psobject", "psbase", "psadapted", "psextended", "pstypenames"];

    public void OnImport() => JsonObjects.Make = Make;

    /// <summary>
    /// A custom object; the dictionary itself if one of its names is empty, reserved, or differs from another by case only.
    /// </summary>
    internal static object Make(OrderedDictionary members)
    {
        var names = new HashSet<string>(Reserved, StringComparer.OrdinalIgnoreCase) { "" };
        var made = new PSObject();
        foreach (DictionaryEntry member in members)
        {
            var name = (string)member.Key;
            if (!names.Add(name))
            {
                return members;
            }

            made.Properties.Add(new PSNoteProperty(name, member.Value));
        }

        return made;
    }
}
