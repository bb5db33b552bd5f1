namespace TaskQueue.PowerShell.Tests;

/// <summary>How the source text looks, as far as no analyzer of the build holds it to that.</summary>
public sealed class SourceTests
{
    private const int Columns = 140;

    private static readonly string[] Scripts = [".ps1", ".psm1", ".js", ".sh"];

    [Fact]
    public void Lines_of_code_and_comments_have_140_columns_at_most() =>
        Assert.Empty(SourceFiles("src", "tests").Where(file => Path.GetExtension(file) == ".cs").SelectMany(TooLongOfCode));

    [Fact]
    public void Lines_of_scripts_have_140_columns_at_most()
    {
        List<string> scripts =
        [
            .. SourceFiles("src", "tests", "module", "docs").Where(IsScript),
            .. Directory.EnumerateFiles(BuiltModule.Repository).Where(IsScript),
            // These are shell scripts without an extension.
            .. Directory.EnumerateFiles(Path.Combine(BuiltModule.Repository, ".ci")),
        ];

        Assert.All(Scripts.Except([".sh"]), extension => Assert.Contains(scripts, file => Path.GetExtension(file) == extension));
        Assert.Empty(scripts.SelectMany(TooLong));
    }

    private static bool IsScript(string file) => Scripts.Contains(Path.GetExtension(file));

    private static IEnumerable<string> SourceFiles(params string[] folders) => folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(BuiltModule.Repository, folder), "*", SearchOption.AllDirectories))
        .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    private static IEnumerable<string> TooLong(string file) => File.ReadLines(file).Index()
        .Where(line => line.Item.Length > Columns)
        .Select(line => $"{NameOf(file)}:{line.Index + 1}");

    private static IEnumerable<string> TooLongOfCode(string file)
    {
        // Tests hold scripts, tables and answers to the letter, which cannot be wrapped.
        var allowsTexts = NameOf(file).StartsWith("tests", StringComparison.Ordinal);
        var isInText = false;
        foreach (var (index, line) in File.ReadLines(file).Index())
        {
            var marks = line.Split("\"\"\"").Length - 1;
            if (line.Length > Columns && !(allowsTexts && (isInText || marks > 0)))
            {
                yield return $"{NameOf(file)}:{index + 1}";
            }

            isInText ^= marks % 2 == 1;
        }
    }

    private static string NameOf(string file) => Path.GetRelativePath(BuiltModule.Repository, file);
}
