using System.Globalization;
using System.Management.Automation;

namespace TaskQueue.Console;

/// <summary>Where the host reads and writes: the process's own streams, or those of a test.</summary>
internal sealed class HostTerminal(TextReader input, TextWriter output, TextWriter error)
{
    private const int WidthWithoutTerminal = 120;

    private Task<string?>? _read;

    public TextWriter Output { get; } = output;

    public TextWriter Error { get; } = error;

    /// <summary>False: a question fails at once instead of waiting for an answer nobody gives.</summary>
    public bool IsInteractive { get; init; } = true;

    public bool InputIsTerminal { get; init; }

    public bool OutputIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    // https://no-color.org: set to anything but the empty string.
    public bool IsColoured { get; } = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Set when the pipeline is being stopped, which a thread waiting for a line does not see otherwise.</summary>
    public CancellationToken Stopping { get; set; }

    public int Width
    {
        get
        {
            string? columns = Environment.GetEnvironmentVariable("COLUMNS");
            if (int.TryParse(columns, NumberStyles.None, CultureInfo.InvariantCulture, out int width) && width > 0)
                return width;
            return OutputIsTerminal && System.Console.BufferWidth > 0 ? System.Console.BufferWidth : WidthWithoutTerminal;
        }
    }

    /// <summary>The next line, null at the end of the input.</summary>
    public string? ReadLine()
    {
        // A read that was interrupted goes on, and the next caller gets its line.
        _read ??= Task.Run(input.ReadLine);
        try
        {
            _read.Wait(Stopping);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }

        string? line = _read.GetAwaiter().GetResult();
        _read = null;
        return line;
    }
}
