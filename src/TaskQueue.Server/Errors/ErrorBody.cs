namespace TaskQueue.Server;

/// <summary>The body of an error.</summary>
/// <param name="Detail">What is wrong, and what to do.</param>
internal sealed record ErrorBody(string Detail);

/// <summary>The body of an answer to a request that is not valid.</summary>
/// <param name="Error">What is wrong, in a sentence.</param>
/// <param name="Detail">Each thing that is wrong.</param>
internal sealed record ValidationErrorBody(string Error, IReadOnlyList<InvalidInput> Detail)
{
    public bool Success { get; }
}
