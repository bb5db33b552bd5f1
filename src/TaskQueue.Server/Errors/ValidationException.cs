namespace TaskQueue.Server;

/// <summary>A value from a caller is not valid. It is answered with 422 and a list of what is wrong where.</summary>
internal sealed class ValidationException(IReadOnlyList<InvalidInput> problems) : Exception("The request is not valid.")
{
    public ValidationException(string place, string name, string message)
        : this([new InvalidInput([place, name], message)])
    {
    }

    public IReadOnlyList<InvalidInput> Problems { get; } = problems;
}
