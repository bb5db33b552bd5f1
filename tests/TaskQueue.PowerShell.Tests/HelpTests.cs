using System.Management.Automation;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TaskQueue.PowerShell.Tests;

/// <summary>
/// Cmdlets, manifest, pages and the help made of them say the same; where they differ, <c>./build.ps1 -Task Docs</c> was forgotten.
/// </summary>
public sealed partial class HelpTests
{
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";

    private static readonly string HelpFolder = Path.Combine(BuiltModule.Folder, "en-US");
    private static readonly string Pages = Path.Combine(BuiltModule.Repository, "docs", "en-US");

    private static readonly Lazy<Dictionary<string, CmdletInfo>> Cmdlets = new(() =>
    {
        using ModuleSession session = new();
        return session.Run("(Get-Module TaskQueue).ExportedCmdlets.Values").Values<CmdletInfo>().ToDictionary(cmdlet => cmdlet.Name);
    });

    private static readonly Lazy<Dictionary<string, XElement>> Help = new(() => XDocument
        .Load(Path.Combine(HelpFolder, "TaskQueue.PowerShell.dll-Help.xml")).Root!
        .Elements(Command + "command")
        .ToDictionary(command => command.Element(Command + "details")!.Element(Command + "name")!.Value));

    public static TheoryData<string> Names => [.. Cmdlets.Value.Keys];

    [Fact]
    public void Every_cmdlet_has_a_page_and_every_page_a_cmdlet()
    {
        Same(
            Cmdlets.Value.Keys.Order(),
            Directory.EnumerateFiles(Pages, "*-*.md").Select(page => Path.GetFileNameWithoutExtension(page)).Order(), "pages");
        Same(Cmdlets.Value.Keys.Order(), Help.Value.Keys.Order(), "commands in the help");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Get_Help_finds_synopsis_description_and_two_examples(string name)
    {
        using ModuleSession session = new();
        var help = Assert.Single(session.Run($"Get-Help {name} -Full").Output);
        Assert.DoesNotContain(name, Text(help.Properties["Synopsis"].Value), StringComparison.Ordinal);
        Assert.NotEmpty(session.Run($"(Get-Help {name}).Description.Text").Values<string>());
        Assert.InRange(Assert.Single(session.Run($"@((Get-Help {name}).examples.example).Count").Values<int>()), 2, 20);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Help_describes_each_parameter_as_it_is_and_no_other(string name)
    {
        var parameters = Cmdlets.Value[name].Parameters.Values
            .Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name)).ToDictionary(parameter => parameter.Name);
        var described = Parameters(name);

        Same(parameters.Keys.Order(), described.Keys.Order(), $"parameters of {name}");
        foreach ((var parameter, var element) in described)
        {
            var actual = parameters[parameter];
            Assert.NotEmpty(Paragraphs(element));
            Same(actual.ParameterType.ToString(), element.Descendants(Maml + "name").Last().Value, $"type of {name} -{parameter}");
            var aliases = actual.Aliases.Count == 0 ? "none" : string.Join(", ", actual.Aliases.Order());
            Same(aliases, string.Join(", ", element.Attribute("aliases")!.Value.Split(", ").Order()), $"aliases of {name} -{parameter}");
            Same(
                actual.ParameterSets.Values.Any(set => set.ValueFromPipeline || set.ValueFromPipelineByPropertyName),
                element.Attribute("pipelineInput")!.Value != "false",
                $"pipeline input of {name} -{parameter}");
            Same(
                actual.Attributes.OfType<SupportsWildcardsAttribute>().Any(),
                bool.Parse(element.Attribute("globbing")!.Value),
                $"wildcards of {name} -{parameter}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_page_has_the_syntax_of_the_cmdlet_and_nothing_to_fill_in(string name)
    {
        var page = Page(name);
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);

        string[] syntaxes = [.. FencedText().Matches(Section(page, "SYNTAX")).Select(match => match.Groups[1].Value)];
        CommandParameterSetInfo[] sets = [.. Cmdlets.Value[name].ParameterSets];
        Same(
            sets
                .Select(set => string.Join(' ', set.Parameters.Select(parameter => parameter.Name).Except(Cmdlet.CommonParameters).Order()))
                .Order(),
            syntaxes
                .Select(syntax => string.Join(' ', ParameterName().Matches(syntax).Select(match => match.Groups[1].Value).Order()))
                .Order(),
            $"syntax of {name}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_help_has_the_words_of_the_page(string name)
    {
        var page = Page(name);
        var help = Help.Value[name];
        Same(Words(Section(page, "SYNOPSIS")), Paragraphs(help.Element(Command + "details")!), $"synopsis of {name}");
        Same(Words(Section(page, "DESCRIPTION")), Paragraphs(help), $"description of {name}");
        Same(
            ExampleTitle().Matches(Section(page, "EXAMPLES")).Select(match => match.Groups[1].Value.Trim()),
            help.Element(Command + "examples")!.Elements().Select(example => example.Element(Maml + "title")!.Value.Trim('-', ' ')),
            $"examples of {name}");
        Same(
            Words(Fence().Replace(ExampleTitle().Replace(Section(page, "EXAMPLES"), ""), "")),
            Words(string.Join(' ', help.Element(Command + "examples")!.Descendants(Maml + "para").Select(paragraph => paragraph.Value))),
            $"words of the examples of {name}");

        var described = ParameterText().Matches(Section(page, "PARAMETERS"))
            .ToDictionary(match => match.Groups[1].Value, match => Words(match.Groups[2].Value));
        foreach ((var parameter, var element) in Parameters(name))
            Same(described[parameter], Paragraphs(element), $"words of {name} -{parameter}");
    }

    [Fact]
    public void The_topic_is_found_and_is_the_page_without_its_marks()
    {
        using ModuleSession session = new();
        var topic = Assert.Single(session.Run("Get-Help about_TaskQueue").Values<string>());
        var page = File.ReadAllText(Path.Combine(Pages, "about_TaskQueue.md"));
        Same(Words(Regex.Replace(page, "(?m)^(```|#+ )", "")), Words(topic), "words of about_TaskQueue");
        Assert.All(page.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 80));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_example_fits_80_columns_with_the_indent_of_Get_Help(string name)
    {
        const int Columns = 80 - 4;
        Assert.All(
            FencedText().Matches(Section(Page(name), "EXAMPLES")).SelectMany(match => match.Groups[1].Value.Split('\n')),
            line => Assert.InRange(line.TrimEnd().Length, 0, Columns));
        // Prose is one long line in the help, which Get-Help breaks.
        HashSet<string> prose = [.. Help.Value[name].Element(Command + "examples")!
            .Descendants(Maml + "para")
            .Select(paragraph => paragraph.Value)
            .Where(text => !text.Trim().Contains('\n'))];
        Assert.All(
            Help.Value[name].Element(Command + "examples")!
                .Descendants(Maml + "para")
                .Select(paragraph => paragraph.Value)
                .Where(text => !prose.Contains(text))
                .SelectMany(text => text.Split('\n')),
            line => Assert.InRange(line.TrimEnd().Length, 0, Columns));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Links_read_as_titles(string name)
    {
        XElement[] links = [.. Help.Value[name].Element(Command + "relatedLinks")!.Elements()];
        Assert.NotEmpty(links.Skip(1));
        Assert.All(links.Skip(1), link => Assert.Equal("", link.Element(Maml + "uri")!.Value));
        Assert.All(links, link => Assert.DoesNotContain(".md", link.Element(Maml + "linkText")!.Value, StringComparison.Ordinal));
    }

    /// <summary>Fails with the way to put it right.</summary>
    private static void Same<T>(IEnumerable<T> expected, IEnumerable<T> actual, string what)
    {
        if (!expected.SequenceEqual(actual))
            Assert.Fail($"{Stale(what)}\nExpected: {string.Join("; ", expected)}\nActual:   {string.Join("; ", actual)}");
    }

    private static void Same(string expected, string actual, string what)
    {
        if (expected != actual)
            Assert.Fail($"{Stale(what)}\nExpected: {expected}\nActual:   {actual}");
    }

    private static void Same(bool expected, bool actual, string what) => Same($"{expected}", $"{actual}", what);

    private static string Stale(string what) =>
        $"The help is not up to date ({what}). Run build.ps1 -Task Docs and commit docs/en-US and module/en-US.";

    private static string Page(string name) => File.ReadAllText(Path.Combine(Pages, name + ".md")).ReplaceLineEndings("\n");

    private static string Section(string page, string title) =>
        Regex.Match(page, $@"\n## {title}\n(.*?)(?=\n## |\z)", RegexOptions.Singleline).Groups[1].Value;

    private static Dictionary<string, XElement> Parameters(string name) => Help.Value[name]
        .Element(Command + "parameters")!
        .Elements(Command + "parameter")
        .ToDictionary(parameter => parameter.Element(Maml + "name")!.Value);

    private static string Paragraphs(XElement element) =>
        Words(string.Join(' ', element.Element(Maml + "description")!.Elements(Maml + "para").Select(paragraph => paragraph.Value)));

    // U+0080 is what PlatyPS puts where a line is empty.
    private static string Words(string text) =>
        string.Join(' ', text.Replace('\u0080', ' ').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Text(object? value) => value?.ToString() ?? "";

    [GeneratedRegex("^```\\w*\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex FencedText();

    [GeneratedRegex(@"(?<=[\s\[])-(\w+)")]
    private static partial Regex ParameterName();

    [GeneratedRegex("^```\\w*$", RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex("^### (Example .*)$", RegexOptions.Multiline)]
    private static partial Regex ExampleTitle();

    [GeneratedRegex(@"^### -(\w+)\n(.*?)```yaml", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ParameterText();
}
