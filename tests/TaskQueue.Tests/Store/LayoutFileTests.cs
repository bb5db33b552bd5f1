using System.Security.Cryptography;
using System.Text;
using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Store;

public sealed class LayoutFileTests
{
    /// <summary>
    /// The frozen files. Queues were made by them, so their text never changes: whoever needs another layout adds a file with the next
    /// number, and its hash here. SHA-256 over the text with LF at the ends of its lines.
    /// </summary>
    private static readonly Dictionary<string, string> Frozen = new()
    {
        ["Original/001.sql"] = "4dfaa939714fac697d6c25f7c5ebfd9ee540e74986d8d9e71f1c1c16a6422c3b",
        ["PostgreSql/001.sql"] = "42ef238572fb72f8de54360a2139c840d56d959b723704722527414cbdafa867",
        ["PostgreSql/001.storage.sql"] = "de37498af8b003c0be2e201b47a22e3f4c693e33a04c4228467ff946b8c7bd98",
        ["PostgreSql/002.sql"] = "0adc0044148e3917fb47cb71b1c7870c11764b3262cdb7d3b3485889ad4cd8be",
        ["PostgreSql/002.storage.sql"] = "99b98d315b164ae134f4f9e42f98df37eeb23f30f8846ffcf9170eb8addeef30",
        ["Sqlite/001.sql"] = "4ce902803243a76c567bf8523e4f54b0389e7161421e8bfb6a03c9217d4ac81a",
        ["Sqlite/002.sql"] = "ab9626d314397955ea28951637057a125755da5b575754848af0c5c1d87b9af5",
    };

    [Fact]
    public void The_files_of_the_layouts_are_those_that_queues_were_made_by()
    {
        var assembly = typeof(TaskStores).Assembly;

        var files = assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).ToDictionary(
            name => name,
            name => HashOf(new StreamReader(assembly.GetManifestResourceStream(name)!).ReadToEnd()));

        Assert.Equal(Frozen.OrderBy(file => file.Key, StringComparer.Ordinal), files.OrderBy(file => file.Key, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Original")]
    [InlineData("PostgreSql")]
    [InlineData("Sqlite")]
    public void Every_file_of_a_layout_is_a_step_of_it(string folder)
    {
        var versions = LayoutVersions.Of(folder);

        Assert.Equal(
            Frozen.Keys.Count(name => name.StartsWith(folder + "/", StringComparison.Ordinal)),
            versions.Steps.Sum(step => step.Storage is null ? 1 : 2));
    }

    private static string HashOf(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.Replace("\r\n", "\n", StringComparison.Ordinal))));
}
