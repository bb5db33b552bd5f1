using System.Text.RegularExpressions;

namespace TaskQueue.PowerShell;

/// <summary>Where in a value the writer is, so that an error can name the property: <c>Data.job.files[2]</c>.</summary>
internal sealed partial class ValuePath(string root)
{
    // Enough to find the property; a cycle would repeat itself.
    private const int MostShown = 6;

    private readonly Stack<string> _steps = new();

    public void EnterProperty(string name) => _steps.Push(PlainName().IsMatch(name) ? $".{name}" : $".'{name}'");

    public void EnterItem(int index) => _steps.Push(FormattableString.Invariant($"[{index}]"));

    public void Leave() => _steps.Pop();

    public override string ToString() => root + string.Concat(_steps.Reverse().Take(MostShown)) + (_steps.Count > MostShown ? "…" : "");

    [GeneratedRegex(@"^\w+$")]
    private static partial Regex PlainName();
}
