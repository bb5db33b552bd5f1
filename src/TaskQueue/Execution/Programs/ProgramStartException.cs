namespace TaskQueue;

/// <summary>A program could not be started.</summary>
/// <param name="message">Which one and why.</param>
/// <param name="isLasting">True if another try would end in the same way, false if only the machine was short of something.</param>
internal sealed class ProgramStartException(string message, bool isLasting, Exception? inner = null) : Exception(message, inner)
{
    public bool IsLasting => isLasting;
}
