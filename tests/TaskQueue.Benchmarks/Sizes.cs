using System.Globalization;

namespace TaskQueue.Benchmarks;

/// <summary>How much a benchmark does.</summary>
internal sealed record Sizes
{
    /// <summary>How often what is compared is measured in turn, from 1.</summary>
    public int Rounds { get; init; } = 5;

    /// <summary>Finished tasks of the large queue; a tenth of it is due next year.</summary>
    public int Tasks { get; init; } = 10_000_000;

    /// <summary>How long a session holds an old snapshot open.</summary>
    public int Minutes { get; init; } = 10;

    /// <summary>Reads pairs such as <c>--rounds 3</c>.</summary>
    public static Sizes Parse(IEnumerable<string> arguments) => arguments.Chunk(2).Aggregate(new Sizes(), (sizes, pair) => (pair[0], Number(pair[1])) switch
    {
        ("--rounds", var number) => sizes with { Rounds = number },
        ("--tasks", var number) => sizes with { Tasks = number },
        ("--minutes", var number) => sizes with { Minutes = number },
        _ => throw new ArgumentException($"There is no option '{pair[0]}'."),
    });

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
