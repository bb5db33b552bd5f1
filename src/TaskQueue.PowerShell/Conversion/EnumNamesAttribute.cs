using System.Collections;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>
/// Takes values of an enumeration by their names. One text may hold several names with commas, as <c>pwsh -File</c> passes them on.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class EnumNamesAttribute(Type type) : ArgumentTransformationAttribute
{
    public Type Type { get; } = type;

    /// <summary>True if several values may be given.</summary>
    public bool TakesSeveral { get; init; }

    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        try
        {
            List<object?> values = [.. Flatten(inputData).SelectMany(Parse)];
            return values switch
            {
                [var one] => one,
                _ when TakesSeveral => values.ToArray(),
                _ => throw new FormatException($"Give one of {string.Join(", ", Enum.GetNames(Type))}."),
            };
        }
        catch (FormatException error)
        {
            throw new ArgumentTransformationMetadataException(error.Message, error);
        }
    }

    private static IEnumerable<object?> Flatten(object? input) =>
        (input is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : input) switch
        {
            string text => [text],
            IEnumerable several => several.Cast<object?>().SelectMany(Flatten),
            var one => [one],
        };

    private IEnumerable<object?> Parse(object? value) =>
        value is string text ? text.Split(',').Select(name => (object?)EnumNames.Parse(Type, name)) : [value];
}
