namespace TaskQueue;

/// <summary>
/// The steps that follow a commit. What was committed must be told in any case, so none of them can take its report away: one that fails
/// becomes a warning of that report.
/// </summary>
public sealed class AfterCommit
{
    private readonly List<string> _warnings = [];

    /// <summary>What failed, in words; empty if nothing did.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Adds what a step that went through has to tell.</summary>
    public void Warn(string warning) => _warnings.Add(warning);

    /// <summary>Takes a step; false if it failed.</summary>
    /// <param name="missing">What is missing if it fails, as the beginning of a sentence: <c>The counts could not be read</c>.</param>
    /// <param name="step">The step.</param>
    public bool Try(string missing, Action step)
    {
        try
        {
            step();
            return true;
        }
        catch (OperationCanceledException)
        {
            Warn($"{missing}: it was cancelled.");
        }
        catch (Exception error)
        {
            // Any error: the change is committed, and only its report tells how to undo it.
            Warn($"{missing}: {error.Message}");
        }

        return false;
    }

    /// <summary>The same for a step that reads something; <paramref name="otherwise"/> if it fails.</summary>
    public T Try<T>(string missing, T otherwise, Func<T> step)
    {
        var read = otherwise;
        return Try(missing, () => { read = step(); }) ? read : otherwise;
    }
}
