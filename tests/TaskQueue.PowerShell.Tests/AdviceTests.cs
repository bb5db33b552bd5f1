using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

/// <summary>The engine says what helps, and the module says it in the words of PowerShell.</summary>
public sealed partial class AdviceTests
{
    [Fact]
    public void Every_advice_has_words_that_name_only_cmdlets_and_parameters_that_exist()
    {
        using var session = new ModuleSession();
        var cmdlets = session
            .Run("Get-Command -Module TaskQueue, Microsoft.PowerShell.Utility | ForEach-Object { \"$($_.Name) $($_.Parameters.Keys)\" }")
                .Values<string>().Select(line => line.Split(' ')).ToDictionary(line => line[0], line => line[1..], StringComparer.Ordinal);
        Assert.NotEmpty(cmdlets);

        string[] texts = [.. AdviceSamples.Of(EngineReflection.TypeOf("TaskQueue", "TaskQueue.Advice")).Select(WordsOf)];
        Assert.All(texts, text =>
        {
            Assert.False(string.IsNullOrWhiteSpace(text));
            Assert.DoesNotContain("--", text, StringComparison.Ordinal);
            Assert.DoesNotContain("/api/", text, StringComparison.Ordinal);
            Assert.All(CmdletName().Matches(text), name => Assert.Contains(name.Value, cmdlets.Keys));
            Assert.All(ParameterName().Matches(text), parameter =>
            {
                var cmdlet = CmdletName().Matches(text[..parameter.Index]).LastOrDefault()?.Value;
                var names = cmdlet is null ? cmdlets.Values.SelectMany(names => names) : cmdlets[cmdlet];
                Assert.Contains(parameter.Groups["name"].Value, names);
            });
        });
        // It would find nothing wrong if it looked at nothing.
        Assert.Contains(texts, text => CmdletName().IsMatch(text) && ParameterName().IsMatch(text));
    }

    [Theory]
    [InlineData("bin/TaskQueue.dll")]
    [InlineData("bin/private/TaskQueue.Storage.dll")]
    public void The_engine_speaks_no_PowerShell(string assembly)
    {
        using var session = new ModuleSession();
        string[] cmdlets = [.. session.Run("(Get-Module TaskQueue).ExportedCmdlets.Keys").Values<string>()];
        Assert.NotEmpty(cmdlets);

        string[] texts = [.. TextsOf(Path.Combine(BuiltModule.Folder, assembly))];
        Assert.NotEmpty(texts);
        Assert.DoesNotContain(texts, text => cmdlets.Any(cmdlet => text.Contains(cmdlet, StringComparison.OrdinalIgnoreCase))
            || ParameterName().IsMatch(text)
            || text.Contains("PSStyle", StringComparison.Ordinal)
            || text.Contains("cmdlet", StringComparison.OrdinalIgnoreCase));
    }

    private static string WordsOf(object advice) => (string)EngineReflection
        .TypeOf("TaskQueue.PowerShell", "TaskQueue.PowerShell.AdviceText")
        .GetMethod("Of", BindingFlags.Static | BindingFlags.Public)!.Invoke(null, [advice])!;

    /// <summary>All texts that stand in the code of an assembly.</summary>
    private static IEnumerable<string> TextsOf(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        for (var text = MetadataTokens.UserStringHandle(1); !text.IsNil; text = metadata.GetNextHandle(text))
            yield return metadata.GetUserString(text);
    }

    [GeneratedRegex("\\b[A-Z][a-zA-Z]+-[A-Z][A-Za-z]+\\b")]
    private static partial Regex CmdletName();

    [GeneratedRegex("(?<=^|[\\s'\"(])-(?<name>[A-Z][a-z][A-Za-z]*)\\b")]
    private static partial Regex ParameterName();
}
