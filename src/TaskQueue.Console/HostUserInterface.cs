using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;

namespace TaskQueue.Console;

/// <summary>
/// Brings PowerShell's streams to the program's: output, verbose, debug and information to standard output as pwsh does; errors,
/// warnings and progress to standard error, so that what a pipe receives is the result. Questions: <see cref="HostQuestions"/>.
/// </summary>
internal sealed class HostUserInterface(HostTerminal terminal) : PSHostUserInterface
{
    private readonly HostRawUserInterface _rawUI = new(terminal);
    private readonly HostQuestions _questions = new(terminal);
    private int _progressLength;

    public override PSHostRawUserInterface RawUI => _rawUI;

    public override bool SupportsVirtualTerminal => terminal.IsColoured && terminal.OutputIsTerminal;

    public override void Write(string value) => WriteOutput(value, "");

    public override void WriteLine(string value) => WriteOutput(value, Environment.NewLine);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        WriteOutput(PSStyle.MapForegroundColorToEscapeSequence(foregroundColor) + value + PSStyle.Instance.Reset, "");

    public override void WriteErrorLine(string value) => WriteError(value);

    public override void WriteWarningLine(string message) =>
        WriteError(Coloured(PSStyle.Instance.Formatting.Warning, $"WARNING: {message}"));

    public override void WriteVerboseLine(string message) =>
        WriteLine(Coloured(PSStyle.Instance.Formatting.Verbose, $"VERBOSE: {message}"));

    public override void WriteDebugLine(string message) =>
        WriteLine(Coloured(PSStyle.Instance.Formatting.Debug, $"DEBUG: {message}"));

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        if (!terminal.ErrorIsTerminal)
            return;

        ClearProgress();
        if (record.RecordType == ProgressRecordType.Completed)
            return;

        string percent = record.PercentComplete >= 0 ? $" {record.PercentComplete} %" : "";
        string line = $"{record.Activity}: {record.StatusDescription}{percent}".ReplaceLineEndings(" ");
        line = line[..Math.Min(line.Length, Math.Max(terminal.Width - 1, 0))];
        terminal.Error.Write(line);
        _progressLength = line.Length;
    }

    public override string ReadLine() => Ask(questions => questions.ReadLine());

    public override SecureString ReadLineAsSecureString() => Ask(questions => questions.ReadSecret());

    public override Dictionary<string, PSObject> Prompt(
        string caption, string message, Collection<FieldDescription> descriptions) =>
        Ask(questions => questions.AskForFields(caption, message, descriptions));

    public override int PromptForChoice(
        string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        Ask(questions => questions.AskForChoice(caption, message, choices, defaultChoice));

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        Ask(questions => questions.AskForCredential(caption, message, userName));

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName,
        PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        PromptForCredential(caption, message, userName, targetName);

    private T Ask<T>(Func<HostQuestions, T> question)
    {
        ClearProgress();
        return question(_questions);
    }

    private void WriteOutput(string value, string end)
    {
        ClearProgress();
        terminal.Output.Write(Rendered(value, terminal.OutputIsTerminal) + end);
    }

    private void WriteError(string value)
    {
        ClearProgress();
        terminal.Error.Write(Rendered(value, terminal.ErrorIsTerminal) + Environment.NewLine);
    }

    private string Rendered(string value, bool isTerminal) => isTerminal && terminal.IsColoured
        ? value
        : new StringDecorated(value).ToString(OutputRendering.PlainText);

    private static string Coloured(string colour, string value) => colour + value + PSStyle.Instance.Reset;

    // Text would otherwise be written behind the progress line, in the middle of the screen.
    private void ClearProgress()
    {
        int length = Interlocked.Exchange(ref _progressLength, 0);
        if (length > 0)
            terminal.Error.Write($"\r{new string(' ', length)}\r");
    }
}
