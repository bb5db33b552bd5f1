namespace TaskQueue.PowerShell;

/// <summary>The JSON text of a value became larger than its rules allow.</summary>
internal sealed class JsonSizeException : Exception;
