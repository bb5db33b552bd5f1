using System.Text.RegularExpressions;

namespace TaskQueue.PowerShell.Tests;

/// <summary>
/// What the documents say of each other and of the code. A decision whose names are gone from the code is to be corrected or dropped.
/// </summary>
public sealed partial class DocumentTests
{
    private static readonly string Docs = Path.Combine(BuiltModule.Repository, "docs");

    private static readonly Lazy<HashSet<string>> WordsOfCode = new(() =>
    {
        var sources = new[] { "src", "tests", "module" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(BuiltModule.Repository, folder), "*", SearchOption.AllDirectories))
            .Where(file => Path.GetExtension(file) is ".cs" or ".ps1" or ".psm1" or ".psd1" or ".ps1xml" or ".js" or ".sql")
            .Where(file => !IsBuilt(file));
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var source in sources)
        {
            // The names of folders and files.
            words.UnionWith(Path.GetRelativePath(BuiltModule.Repository, source).Split(Path.DirectorySeparatorChar));
            words.UnionWith(Word().Matches(File.ReadAllText(source)).Select(match => match.Value));
        }

        return words;
    });

    public static TheoryData<string> Topics =>
    [
        .. Link().Matches(File.ReadAllText(Path.Combine(Docs, "decisions", "README.md")))
            .Select(link => link.Groups["to"].Value).Where(to => !to.Contains('/', StringComparison.Ordinal)),
    ];

    public static TheoryData<string> Pages =>
    [
        .. Directory.EnumerateFiles(Docs, "*.md", SearchOption.AllDirectories)
            .Select(page => Path.GetRelativePath(BuiltModule.Repository, page).Replace('\\', '/')),
        "README.md",
        "CONTRIBUTING.md",
    ];

    [Fact]
    public void The_architecture_fits_on_two_pages()
    {
        const int Lines = 110;
        const int Columns = 140;
        var lines = File.ReadAllLines(Path.Combine(Docs, "architecture.md"));
        Assert.InRange(lines.Length, 1, Lines);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, Columns));
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public void A_decision_is_a_record_of_context_decision_and_consequence(string topic)
    {
        var records = File.ReadAllText(Path.Combine(Docs, "decisions", topic)).ReplaceLineEndings("\n").Split("\n### ").Skip(1).ToList();
        Assert.NotEmpty(records);
        const string Text = @".+(\n  .+)*";
        const string Record = $@"\A.+\n- \*\*Context\*\*: {Text}\n- \*\*Decision\*\*: {Text}\n- \*\*Consequence\*\*: {Text}\n*\z";
        Assert.All(records, record => Assert.Matches(Record, record));
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public void A_decision_names_only_what_is_in_the_code(string topic) =>
        Assert.Empty(NamesMissingFromCode(Path.Combine("decisions", topic)));

    [Fact]
    public void The_architecture_names_only_what_is_in_the_code() => Assert.Empty(NamesMissingFromCode("architecture.md"));

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_between_documents_lead_to_a_file(string page)
    {
        var path = Path.Combine(BuiltModule.Repository, page);
        var links = Link().Matches(Fenced().Replace(File.ReadAllText(path), ""))
            .Select(link => link.Groups["to"].Value.Split('#')[0])
            .Where(link => link.Length > 0 && !link.Contains(':', StringComparison.Ordinal));
        var folder = Path.GetDirectoryName(path)!;
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(folder, link)), $"{page} links to {link}, which is not there."));
    }

    private static IEnumerable<string> NamesMissingFromCode(string page)
    {
        var text = Fenced().Replace(File.ReadAllText(Path.Combine(Docs, page)), "");
        var names = Name().Matches(text)
            .SelectMany(match => match.Groups["file"] is { Success: true } file ? [file.Value] : match.Groups["name"].Value.Split('.'))
            .Distinct(StringComparer.Ordinal);
        var folders = Folder().Matches(text).Select(match => match.Groups["path"].Value);
        return
        [
            .. names.Where(name => !WordsOfCode.Value.Contains(name)),
            .. folders.Where(folder => !Path.Exists(Path.Combine(BuiltModule.Repository, folder))),
        ];
    }

    private static bool IsBuilt(string file) =>
        Path.GetRelativePath(BuiltModule.Repository, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj");

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?ms)^```.*?^```")]
    private static partial Regex Fenced();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"`(?<path>(src|tests|module|docs)/[^`*…]*)`")]
    private static partial Regex Folder();

    /// <summary>A type, a member of one, or a file, as it stands in backticks.</summary>
    [GeneratedRegex(@"`((?<file>\w[\w.]*\.(cs|ps1|psm1|psd1|ps1xml|js|sql))|(?<name>[A-Z]\w*[a-z]\w*(\.\w+)*))`")]
    private static partial Regex Name();
}
