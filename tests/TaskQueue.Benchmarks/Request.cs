using System.Globalization;

namespace TaskQueue.Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record Request
{
    /// <summary>How it is written.</summary>
    public static readonly string Usage =
        $"""
        Usage: [scenario…] [--peers] [--rounds n] [--tasks n] [--minutes n] [--out folder] [--check]

          --peers       other queues beside ours, which npm installs in a temporary folder; alone where no scenario is named
          --rounds n    how often each line is measured, after a round that does not count; {new Sizes().Rounds} unless told
          --tasks n     finished tasks of claim-cost, postgres-worker, postgres-finished and postgres-plans, and the largest queue of growth; {Text(new Sizes().Tasks)}
          --minutes n   how long postgres-finished holds an old snapshot; {new Sizes().Minutes}
          --out folder  writes results.json, results.md and curves as SVG there
          --check       says which targets are missed, and ends with 1 if any is

        Without a scenario, all but those marked with * are run:
        {string.Join('\n', Scenarios.All.Select(scenario => $"  {scenario.Name,-20} {(scenario.IsOnRequest ? '*' : ' ')} {scenario.About}"))}
        """;

    /// <summary>What is to be measured.</summary>
    public IReadOnlyList<Scenario> Chosen { get; private init; } = [];

    public Sizes Sizes { get; private init; } = new();

    /// <summary>Where the results are to be written; null for nowhere.</summary>
    public string? Folder { get; private init; }

    public bool IsCheck { get; private init; }

    public bool IsForHelp { get; private init; }

    /// <exception cref="FormatException">Something on it cannot be.</exception>
    public static Request Parse(string[] args)
    {
        var request = new Request();
        var rest = new Queue<string>(args);
        while (rest.TryDequeue(out var arg))
        {
            request = arg switch
            {
                "--help" or "-h" or "-?" => request with { IsForHelp = true },
                "--peers" => request with { Chosen = [.. request.Chosen, Scenarios.Peers] },
                "--rounds" => request with { Sizes = request.Sizes with { Rounds = Number(arg, rest) } },
                "--tasks" => request with { Sizes = request.Sizes with { Tasks = Number(arg, rest) } },
                "--minutes" => request with { Sizes = request.Sizes with { Minutes = Number(arg, rest) } },
                "--out" => request with { Folder = MadeFolder(arg, rest) },
                "--check" => request with { IsCheck = true },
                _ =>
                    request with
                    {
                        Chosen = [
                            .. request.Chosen,
                            Scenarios.Find(arg)
                                ?? throw new FormatException($"'{arg}' is neither a scenario nor an option; --help lists them."),
                        ],
                    },
            };
        }

        return request.Chosen.Count > 0 ? request : request with { Chosen = [.. Scenarios.All.Where(scenario => !scenario.IsOnRequest)] };
    }

    private static string Text(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static int Number(string option, Queue<string> rest) =>
        rest.TryDequeue(out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new FormatException($"{option} needs a number from 1.");

    // Made before anything is measured, so that no results are lost.
    private static string MadeFolder(string option, Queue<string> rest)
    {
        if (!rest.TryDequeue(out var folder) || folder.Length == 0 || folder.StartsWith('-'))
        {
            throw new FormatException($"{option} needs a folder.");
        }

        try
        {
            return Directory.CreateDirectory(folder).FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{option}: {error.Message}", error);
        }
    }
}
