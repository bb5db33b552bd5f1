using System.Text;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What a process writes, read as it comes. It answers as a terminal does when it is asked where the cursor stands.</summary>
internal sealed class ProcessOutput
{
    private const string CursorQuestion = "\u001b[6n";
    private const string CursorAnswer = "\u001b[1;1R";

    private readonly StringBuilder _text = new();
    private readonly TextReader _reader;
    private readonly TextWriter _input;
    private int _seen;
    private bool _hasEnded;

    public ProcessOutput(TextReader reader, TextWriter input)
    {
        _reader = reader;
        _input = input;
        new Thread(Read) { IsBackground = true, Name = "output of a process" }.Start();
    }

    /// <summary>Waits until the text was written, behind what an earlier call waited for; returns what stands between.</summary>
    /// <exception cref="InvalidOperationException">The output ended without it, or the time is over.</exception>
    public string WaitFor(string text, TimeSpan patience)
    {
        var end = DateTime.UtcNow + patience;
        lock (_text)
        {
            while (true)
            {
                var rest = _text.ToString(_seen, _text.Length - _seen);
                var index = rest.IndexOf(text, StringComparison.Ordinal);
                if (index >= 0)
                {
                    _seen += index + text.Length;
                    return rest[..index];
                }

                if (_hasEnded || DateTime.UtcNow > end)
                    throw new InvalidOperationException(
                        $"The process {(_hasEnded ? "ended" : "goes on")} and did not write '{text}', but: {rest}");
                Monitor.Wait(_text, TimeSpan.FromSeconds(1));
            }
        }
    }

    /// <summary>All of it; waits for the end.</summary>
    public string ReadToEnd(TimeSpan patience)
    {
        var end = DateTime.UtcNow + patience;
        lock (_text)
        {
            while (!_hasEnded)
            {
                if (DateTime.UtcNow > end)
                    throw new TimeoutException($"The process goes on. It wrote: {_text}");
                Monitor.Wait(_text, TimeSpan.FromSeconds(1));
            }

            return _text.ToString();
        }
    }

    private void Read()
    {
        var buffer = new char[4096];
        var answered = 0;
        int count;
        while ((count = _reader.Read(buffer, 0, buffer.Length)) > 0)
        {
            string unanswered;
            lock (_text)
            {
                _text.Append(buffer, 0, count);
                unanswered = _text.ToString(answered, _text.Length - answered);
                Monitor.PulseAll(_text);
            }

            while (unanswered.IndexOf(CursorQuestion, StringComparison.Ordinal) is var index and >= 0)
            {
                var end = index + CursorQuestion.Length;
                unanswered = unanswered[end..];
                answered += end;
                Answer();
            }
        }

        lock (_text)
        {
            _hasEnded = true;
            Monitor.PulseAll(_text);
        }
    }

    private void Answer()
    {
        try
        {
            _input.Write(CursorAnswer);
            _input.Flush();
        }
        catch (IOException)
        {
            // It ended before it got its answer.
        }
    }
}
