using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TaskQueue.Benchmarks;

/// <summary>The results of a run as files: for programs and for people.</summary>
internal static class ReportFiles
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    public static void Write(string folder, string machine, Sizes sizes, IReadOnlyList<Result> results)
    {
        File.WriteAllText(Path.Combine(folder, "results.json"), JsonSerializer.Serialize(
            new
            {
                Machine = machine,
                sizes.Rounds,
                Results = results.Select(result => new
                {
                    Scenario = result.Scenario.Name,
                    result.What,
                    result.Size,
                    result.Unit,
                    Product = Figures(result.Product),
                    Raw = Figures(result.Raw),
                    Ratio = Figures(result.Ratio),
                    Target = result.Target?.ToString(),
                    result.IsMet,
                }),
            },
            Indented));
        File.WriteAllText(Path.Combine(folder, "results.md"), Markdown(machine, sizes, results));
        foreach (var scenario in results.Where(result => result.Size is not null).GroupBy(result => result.Scenario))
        {
            Curves.Write(Path.Combine(folder, scenario.Key.Name + ".svg"), [.. scenario]);
        }
    }

    private static object? Figures(Spread? spread) => spread is null ? null : new { Min = spread.At(0), spread.Median, Max = spread.At(1) };

    private static string Markdown(string machine, Sizes sizes, IReadOnlyList<Result> results)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{machine}; median (smallest to largest) of {sizes.Rounds} rounds.");
        foreach (var scenario in results.GroupBy(result => result.Scenario))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"\n### {scenario.Key.Name}: {scenario.Key.About}\n")
                .AppendLine("| what | unit | product | raw | ratio | target |\n| --- | --- | --- | --- | --- | --- |");
            foreach (var result in scenario)
            {
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"| {result.Name.Replace("|", "\\|", StringComparison.Ordinal)} | {result.Unit} | "
                        + $"{Cell(result.Product)} | {Cell(result.Raw)} | {Cell(result.Ratio)} | "
                        + $"{(result.Target is null ? "" : $"{result.Target}{(result.IsMet is true ? "" : ": **missed**")}")} |");
            }
        }

        return text.ToString();
    }

    private static string Cell(Spread? spread)
    {
        if (spread is null)
        {
            return "";
        }

        var format = Result.FormatOf(spread);
        var median = spread.Median.ToString(format, CultureInfo.InvariantCulture);
        return spread.Count == 1
            ? median
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{median} ({spread.At(0).ToString(format, CultureInfo.InvariantCulture)} "
                    + $"to {spread.At(1).ToString(format, CultureInfo.InvariantCulture)})");
    }
}
