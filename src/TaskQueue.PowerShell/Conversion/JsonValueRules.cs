namespace TaskQueue.PowerShell;

/// <summary>What <see cref="JsonValueWriter"/> does with values that JSON has no place for.</summary>
/// <param name="Name">What errors call the value as a whole.</param>
/// <param name="IsLenient">
/// False: such a value is an error, which its author can correct. True: it is written as its text, so that what can be kept is kept.
/// </param>
/// <param name="RefusesSecrets">
/// True: a secret is an error. False: a note stands in its place, since the work is done and its author has no say any more.
/// </param>
/// <param name="DeepestObject">How many objects of .NET types may lie within each other; their graphs have no end.</param>
/// <param name="Largest">The most bytes of JSON text.</param>
internal sealed record JsonValueRules(string Name, bool IsLenient, bool RefusesSecrets, int DeepestObject, long Largest)
{
    /// <summary>What lies this deep within something else is read back; the next level would not be.</summary>
    public const int DeepestLevel = 255;

    // Deeper objects nearly always refer back, such as a command to its module.
    private const int DeepestObjectOfData = 32;

    // Two levels tell what an object was that is no data at all, such as a module.
    private const int DeepestObjectOfResult = 2;

    /// <summary>For the result given to Complete-QueueTask: its author can still leave a secret out.</summary>
    public static JsonValueRules GivenResult { get; } =
        new("Result", IsLenient: true, RefusesSecrets: true, DeepestObjectOfResult, ResultJson.Largest);

    /// <summary>For what a handler returned.</summary>
    public static JsonValueRules HandlerResult { get; } = GivenResult with { RefusesSecrets = false };

    /// <summary>For a task's data, or what else a record has under <paramref name="name"/>.</summary>
    public static JsonValueRules Data(string name) =>
        new(name, IsLenient: false, RefusesSecrets: true, DeepestObjectOfData, TaskRules.LargestData);
}
