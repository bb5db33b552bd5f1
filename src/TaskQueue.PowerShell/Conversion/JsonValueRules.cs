namespace TaskQueue.PowerShell;

/// <summary>What <see cref="JsonValueWriter"/> does with values that JSON cannot express.</summary>
/// <param name="Name">What errors call the value as a whole.</param>
/// <param name="IsLenient">
/// False: such a value is an error, which its author can correct. True: it is written as its text, so that the rest is kept.
/// </param>
/// <param name="RefusesSecrets">
/// True: a secret is an error. False: a note is written in its place, since the work is done and its author can no longer correct it.
/// </param>
/// <param name="DeepestObject">How deep objects of .NET types may be nested. Their graphs may be endless.</param>
/// <param name="Largest">The most bytes of JSON text.</param>
internal sealed record JsonValueRules(string Name, bool IsLenient, bool RefusesSecrets, int DeepestObject, long Largest)
{
    /// <summary>Values that are nested this deep can be read back; the next level could not be.</summary>
    public const int DeepestLevel = 255;

    // Objects that are nested deeper nearly always refer back, such as a command to its module.
    private const int DeepestObjectOfData = 32;

    // A result may be an object that is not data at all, such as a module. Two levels tell what it was.
    private const int DeepestObjectOfResult = 2;

    /// <summary>For the result given to Complete-QueueTask: its author can still leave a secret out.</summary>
    public static JsonValueRules GivenResult { get; } =
        new("Result", IsLenient: true, RefusesSecrets: true, DeepestObjectOfResult, ResultJson.Largest);

    /// <summary>For what a handler returned.</summary>
    public static JsonValueRules HandlerResult { get; } = GivenResult with { RefusesSecrets = false };

    /// <summary>For a task's data, or for another value that a record has under <paramref name="name"/>.</summary>
    public static JsonValueRules Data(string name) =>
        new(name, IsLenient: false, RefusesSecrets: true, DeepestObjectOfData, TaskRules.LargestData);
}
