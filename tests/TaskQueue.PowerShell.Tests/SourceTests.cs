namespace TaskQueue.PowerShell.Tests;

/// <summary>How the source text looks, as far as no analyzer of the build holds it to that.</summary>
public sealed class SourceTests
{
    private const int Columns = 140;

    [Fact]
    public void Lines_of_code_and_comments_have_140_columns_at_most() => Assert.Empty(SourceFiles("src", "tests").SelectMany(TooLong));

    private static IEnumerable<string> SourceFiles(params string[] folders) => folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(BuiltModule.Repository, folder), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    private static IEnumerable<string> TooLong(string file)
    {
        var name = Path.GetRelativePath(BuiltModule.Repository, file);
        // Tests hold scripts, tables and answers to the letter, which cannot be wrapped.
        var allowsTexts = name.StartsWith("tests", StringComparison.Ordinal);
        var isInText = false;
        foreach (var (index, line) in File.ReadLines(file).Index())
        {
            var marks = line.Split("\"\"\"").Length - 1;
            if (line.Length > Columns && !(allowsTexts && (isInText || marks > 0)))
            {
                yield return $"{name}:{index + 1}";
            }

            isInText ^= marks % 2 == 1;
        }
    }
}
