using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TaskQueue;

/// <summary>What the end of a program means for its task.</summary>
internal static class ProgramOutcome
{
    private static readonly JsonSerializerOptions TextOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="name">What to call the program.</param>
    /// <param name="run">The program, which has ended.</param>
    public static HandlerOutcome Of(string name, ProgramRun run)
    {
        if (run.ExitCode != 0)
        {
            return Failure(name, run.ExitCode, run.Errors.ToText());
        }

        // The work was done: another try would do it again and come to the same.
        return run.Output.ToArray() is { } output
            ? HandlerOutcome.Success(ResultOf(output))
            : HandlerOutcome.Failure(
                $"{name} wrote more than {ProgramRun.LargestResult / 1024 / 1024} MB to its standard output, the most a result may have",
                doNotRetry: true);
    }

    private static HandlerOutcome Failure(string name, int code, string errors)
    {
        // Exit codes 126 and 127 with a message of the starting tool: the program itself never ran.
        if (code is 126 or 127 && ProgramStart.ToolName is { } tool && errors.StartsWith(tool + ": ", StringComparison.Ordinal))
        {
            return HandlerOutcome.Failure($"'{name}' cannot be started: {errors[(tool.Length + 2)..]}", doNotRetry: true);
        }

        return HandlerOutcome.Failure(ProgramHandler.Describe(name, code, errors));
    }

    private static string? ResultOf(ReadOnlySpan<byte> output)
    {
        var mark = Encoding.UTF8.Preamble;
        var text = Encoding.UTF8.GetString(output.StartsWith(mark) ? output[mark.Length..] : output).TrimEnd('\r', '\n');
        return text.Length == 0 ? null
            : JsonText.IsReadable(text) ? text
            : JsonSerializer.Serialize(text, TextOptions);
    }
}
