namespace TaskQueue.PowerShell;

/// <summary>What <see cref="JsonValueWriter"/> does with values that JSON has no place for.</summary>
/// <param name="IsLenient">
/// False: such a value is an error, which its author can correct. True: it is written as its text, since whoever made it has
/// no say any more, and what can be kept shall be kept.
/// </param>
/// <param name="DeepestObject">How many objects of .NET types may lie within each other; their graphs have no end.</param>
/// <param name="Largest">The most bytes of JSON text.</param>
internal sealed record JsonValueRules(bool IsLenient, int DeepestObject, long Largest)
{
    /// <summary>Deeper objects are nearly always cycles, such as a FileInfo whose Directory has a Parent and so on.</summary>
    public const int DeepestLevel = 32;

    /// <summary>For a task's data.</summary>
    public static JsonValueRules Data { get; } = new(IsLenient: false, DeepestLevel, long.MaxValue);

    /// <summary>For what a handler returned.</summary>
    public static JsonValueRules Result { get; } = new(IsLenient: true, DeepestObject: 2, ResultJson.Largest);
}
