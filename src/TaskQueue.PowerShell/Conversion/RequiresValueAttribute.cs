using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Management.Automation.Language;

namespace TaskQueue.PowerShell;

/// <summary>
/// Refuses null, blank text, and collections that are empty or hold such a value. Otherwise a misspelt setting or an empty cell would make
/// <c>-OlderThan $limit</c> mean every task. All parameters have this attribute, except those for which null is a value of its own.
/// </summary>
/// <remarks>
/// It sees the value before PowerShell converts it. Afterwards a null for a number or a switch would already be 0 or false.
/// </remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RequiresValueAttribute : ArgumentTransformationAttribute
{
    /// <summary>True if blank text and an empty collection are values too.</summary>
    public bool AllowsEmpty { get; init; }

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (IsMissing(inputData))
        {
            throw Missing("The value is null or blank.");
        }

        if (LanguagePrimitives.GetEnumerable(inputData) is not { } several)
        {
            return inputData;
        }

        // A sequence that can be read only once is passed on as it was read.
        var items = several as ICollection ?? several.Cast<object?>().ToArray();
        if (items.Count == 0 && !AllowsEmpty)
        {
            throw Missing("The collection is empty.");
        }

        if (items.Cast<object?>().Any(IsMissing))
        {
            throw Missing("The collection holds a value that is null or blank.");
        }

        return several is ICollection ? inputData : items;
    }

    private bool IsMissing(object? value) => ReferenceEquals(value, AutomationNull.Value)
        || (value is PSObject wrapped ? wrapped.BaseObject : value) switch
        {
            null or DBNull or NullString => true,
            string text => !AllowsEmpty && string.IsNullOrWhiteSpace(text),
            _ => false,
        };

    private static ArgumentTransformationMetadataException Missing(string what) =>
        new($"{what} Leave the parameter out, or give it a value.");
}
