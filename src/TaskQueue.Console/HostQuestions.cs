using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace TaskQueue.Console;

/// <summary>Asks what PowerShell wants to know, and fails clearly when nobody is there to answer.</summary>
internal sealed class HostQuestions(HostTerminal terminal)
{
    /// <exception cref="HostException">The input has ended or must not be asked.</exception>
    public string ReadLine() => ReadAnswer("a line of input");

    /// <summary>A line that is not shown while it is typed.</summary>
    public SecureString ReadSecret()
    {
        SecureString secret = new();
        if (!terminal.InputIsTerminal)
        {
            foreach (char character in ReadAnswer("a secret"))
                secret.AppendChar(character);
            return secret;
        }

        while (System.Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace && secret.Length > 0)
                secret.RemoveAt(secret.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                secret.AppendChar(key.KeyChar);
        }

        terminal.Output.WriteLine();
        return secret;
    }

    public Dictionary<string, PSObject> AskForFields(string caption, string message, Collection<FieldDescription> fields)
    {
        WriteHeading(caption, message);
        Dictionary<string, PSObject> answers = [];
        foreach (FieldDescription field in fields)
        {
            // The engine converts text to the parameter's type itself; only these two need another way of asking.
            bool isSecret = field.ParameterTypeName == nameof(SecureString);
            bool isList = field.ParameterTypeName.EndsWith("[]", StringComparison.Ordinal);
            answers[field.Name] = isSecret ? PSObject.AsPSObject(Ask($"{field.Name}: ", ReadSecret))
                : isList ? PSObject.AsPSObject(AskForList(field.Name))
                : PSObject.AsPSObject(Ask($"{field.Name}: ", () => ReadAnswer(field.Name)));
        }

        return answers;
    }

    public int AskForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        WriteHeading(caption, message);
        (string Key, string Label)[] offered = [.. choices.Select(Split)];
        string help = defaultChoice >= 0 ? $"[?] Help (default is \"{offered[defaultChoice].Key}\"): " : "[?] Help: ";
        string question = string.Concat(offered.Select(choice => $"[{choice.Key}] {choice.Label}  ")) + help;
        while (true)
        {
            string answer = Ask(question, () => ReadAnswer(string.IsNullOrEmpty(caption) ? "a choice" : caption)).Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
                return defaultChoice;

            int index = Array.FindIndex(offered, choice =>
                choice.Key.Equals(answer, StringComparison.OrdinalIgnoreCase)
                || choice.Label.Equals(answer, StringComparison.OrdinalIgnoreCase));
            if (index >= 0)
                return index;

            if (answer == "?")
            {
                for (int i = 0; i < offered.Length; i++)
                    terminal.Output.WriteLine($"{offered[i].Key} - {choices[i].HelpMessage}");
            }
        }
    }

    public PSCredential AskForCredential(string caption, string message, string? userName)
    {
        WriteHeading(caption, message);
        if (string.IsNullOrEmpty(userName))
            userName = Ask("User: ", () => ReadAnswer("a user name"));
        return new PSCredential(userName, Ask($"Password for user {userName}: ", ReadSecret));
    }

    private List<string> AskForList(string name)
    {
        List<string> items = [];
        while (Ask($"{name}[{items.Count}]: ", () => ReadAnswer(name)) is { Length: > 0 } item)
            items.Add(item);
        return items;
    }

    private string ReadAnswer(string wanted)
    {
        string? line = terminal.IsInteractive ? terminal.ReadLine() : null;
        return line ?? throw new HostException(
            $"An answer is needed ({wanted}), but " +
            (terminal.IsInteractive ? "the input has ended." : "the session is not interactive.") +
            " Give the value as a parameter, or -Confirm:$false to go on without being asked.",
            null, "AnswerNotAvailable", ErrorCategory.ResourceUnavailable);
    }

    private T Ask<T>(string question, Func<T> read)
    {
        terminal.Output.Write(question);
        terminal.Output.Flush();
        return read();
    }

    private void WriteHeading(string caption, string message)
    {
        foreach (string line in new[] { caption, message })
        {
            if (!string.IsNullOrEmpty(line))
                terminal.Output.WriteLine(line);
        }
    }

    // "Yes to &All": the letter behind the ampersand is the key.
    private static (string Key, string Label) Split(ChoiceDescription choice)
    {
        int mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
        string label = choice.Label.Replace("&", "", StringComparison.Ordinal);
        return mark >= 0 && mark < label.Length ? (char.ToUpperInvariant(label[mark]).ToString(), label) : (label, label);
    }
}
