using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;
using System.Text;

namespace TaskQueue.PowerShell.Tests;

/// <summary>Plain text 120 columns wide, and lines that answer questions.</summary>
internal sealed class TestScreen(IEnumerable<string> answers) : PSHostUserInterface
{
    private readonly ConcurrentQueue<string> _answers = new(answers);
    private readonly StringBuilder _text = new();

    public override PSHostRawUserInterface RawUI { get; } = new TestScreenSize();

    public string Text
    {
        get
        {
            lock (_text)
                return _text.ToString();
        }
    }

    public override void Write(string value)
    {
        lock (_text)
            _text.Append(new StringDecorated(value).ToString(OutputRendering.PlainText));
    }

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteErrorLine(string value) => WriteLine(value);

    public override void WriteWarningLine(string message) => WriteLine($"WARNING: {message}");

    public override void WriteVerboseLine(string message) => WriteLine($"VERBOSE: {message}");

    public override void WriteDebugLine(string message) => WriteLine($"DEBUG: {message}");

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
    }

    public override string ReadLine() =>
        _answers.TryDequeue(out var answer) ? answer : throw new HostException("There is no answer left.");

    public override SecureString ReadLineAsSecureString()
    {
        SecureString secret = new();
        foreach (var character in ReadLine())
            secret.AppendChar(character);
        return secret;
    }

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        descriptions.ToDictionary(field => field.Name, _ => PSObject.AsPSObject(ReadLine()));

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        WriteLine(caption);
        WriteLine(message);
        // "Yes to &All": the letter behind the ampersand is the key.
        string[] keys = [.. choices.Select(choice => choice.Label.Split('&')[^1][..1].ToUpperInvariant())];
        WriteLine(
            string.Join("  ", keys.Zip(choices, (key, choice) => $"[{key}] {choice.Label.Replace("&", "", StringComparison.Ordinal)}")));
        var answer = ReadLine();
        return answer.Length == 0 ? defaultChoice : Array.IndexOf(keys, answer.ToUpperInvariant()) is var index and >= 0
            ? index
            : throw new HostException($"'{answer}' is none of the choices.");
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        new(string.IsNullOrEmpty(userName) ? ReadLine() : userName, ReadLineAsSecureString());

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName,
        PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        PromptForCredential(caption, message, userName, targetName);
}
