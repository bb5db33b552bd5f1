using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>The last lines that the programs of a handler wrote to standard error, and the message for a program that failed.</summary>
internal sealed class NativeErrors
{
    private const int MostLines = 20;
    private const int LongestLine = 2000;

    private readonly Queue<(string Program, string Line)> _lines = [];
    private readonly Lock _gate = new();

    /// <summary>Takes records of the error stream. Those that do not come from a program are skipped.</summary>
    public void Add(IEnumerable<ErrorRecord> records)
    {
        lock (_gate)
        {
            foreach (var record in records)
            {
                // PowerShell's error ids for the first line of a program and for all others.
                if (record.FullyQualifiedErrorId is "NativeCommandError" or "NativeCommandErrorMessage"
                    && record.InvocationInfo?.MyCommand is ApplicationInfo program)
                {
                    _lines.Enqueue((program.Path, TerminalText.ShortenMiddle(record.ToString(), LongestLine)));
                }
            }

            while (_lines.Count > MostLines)
            {
                _lines.Dequeue();
            }
        }
    }

    /// <summary>The message for the failure of a program; null for any other error.</summary>
    public string? MessageOf(ErrorRecord? record)
    {
        // The properties are read by name, since NativeCommandExitException is newer than the library that this is compiled with.
        if (record is not { FullyQualifiedErrorId: { } id, Exception: { } error }
            || !id.StartsWith("ProgramExitedWithNonZeroCode", StringComparison.Ordinal)
                || PSObject.AsPSObject(error).Properties is not { } properties
                || properties["ExitCode"]?.Value is not int code
                || properties["Path"]?.Value is not string path)
        {
            return null;
        }

        lock (_gate)
        {
            return ProgramHandler.Describe(
                Path.GetFileName(path), code,
                string.Join('\n', _lines.Where(line => line.Program == path).Select(line => line.Line)).Trim());
        }
    }
}
