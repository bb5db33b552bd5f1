using System.Reflection;

namespace TaskQueue.Tests;

/// <summary>
/// All advices of the engine, each with every value that could make a difference to its words. By reflection: a new advice takes part by
/// itself, and the tests of the module cannot name the engine's types.
/// </summary>
internal static class AdviceSamples
{
    private static readonly NullabilityInfoContext Nullability = new();

    /// <param name="advice">The engine's type <c>Advice</c>.</param>
    public static IEnumerable<object> Of(Type advice) => advice.GetNestedTypes().SelectMany(kind =>
    {
        var constructor = kind.GetConstructors().Single();
        IEnumerable<object?[]> sets = [[]];
        foreach (var parameter in constructor.GetParameters())
        {
            sets = sets.SelectMany(set => ValuesOf(parameter).Select(value => (object?[])[.. set, value])).ToList();
        }

        return sets.Select(constructor.Invoke);
    });

    private static object?[] ValuesOf(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        object?[] values = type == typeof(bool) ? [true, false]
            : type == typeof(int) ? [4]
            : type == typeof(TimeSpan) ? [TimeSpan.FromSeconds(90)]
            : type.IsEnum ? [.. Enum.GetValues(type)]
            : type == typeof(string) ? ["jobs.db"]
            : throw new NotSupportedException($"Say here which values of {type} an advice is tested with.");
        return Nullability.Create(parameter).ReadState is NullabilityState.Nullable ? [.. values, null] : values;
    }
}
