using System.Globalization;

namespace TaskQueue.Benchmarks;

/// <summary>One line of the report.</summary>
/// <param name="Scenario">The scenario it belongs to.</param>
/// <param name="What">What was measured.</param>
/// <param name="Unit">The unit of both figures.</param>
/// <param name="Product">The product's figures, one a round.</param>
/// <param name="Raw">Those of the bare statements; null for a figure that stands for itself.</param>
/// <param name="Ratio">Product to raw, round by round.</param>
/// <param name="Target">What is asked of the ratio's median, or of the product's where there is no ratio.</param>
/// <param name="Size">How many tasks the queue held; null where that is of no interest.</param>
internal sealed record Result(
    Scenario Scenario, string What, string Unit, Spread Product, Spread? Raw, Spread? Ratio, Target? Target, int? Size = null)
{
    /// <summary>What was measured, and where.</summary>
    public string Name => Size is null ? What : string.Create(CultureInfo.InvariantCulture, $"{What} at {Size:N0}");

    /// <summary>Null where nothing is asked.</summary>
    public bool? IsMet => Target?.IsMetBy((Ratio ?? Product).Median);

    public string Line => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name,-58} {Show(Product),-30}{(Raw is null ? "" : $" raw {Show(Raw),-30} ratio {Ratio!.Show("0.00")}")} "
            + $"{Unit}{(Target is null ? "" : $"  [{Verdict} {Target}]")}");

    public string Verdict => IsMet switch { true => "met:", false => "missed:", null => "" };

    /// <summary>Large numbers whole, small ones with the digits that matter.</summary>
    public static string FormatOf(Spread spread) => Math.Abs(spread.Median) switch { >= 100 => "N0", >= 10 => "0.0", _ => "0.00" };

    private static string Show(Spread spread) => spread.Show(FormatOf(spread));
}

/// <summary>What a figure is to be.</summary>
/// <param name="Limit">The least or the most.</param>
/// <param name="IsAtLeast">False: at most.</param>
internal sealed record Target(double Limit, bool IsAtLeast)
{
    public static Target AtLeast(double limit) => new(limit, true);

    public static Target AtMost(double limit) => new(limit, false);

    public bool IsMetBy(double figure) => IsAtLeast ? figure >= Limit : figure <= Limit;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsAtLeast ? "at least" : "at most")} {Limit}");
}
