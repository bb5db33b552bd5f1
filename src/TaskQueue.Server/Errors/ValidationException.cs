namespace TaskQueue.Server;

/// <summary>What a caller gave is not valid: answered with 422 and a list of what is wrong where.</summary>
internal sealed class ValidationException(IReadOnlyList<InvalidInput> problems) : Exception("The request is not valid.")
{
    public ValidationException(string place, string name, string message)
        : this([new InvalidInput([place, name], message)])
    {
    }

    public IReadOnlyList<InvalidInput> Problems { get; } = problems;
}
