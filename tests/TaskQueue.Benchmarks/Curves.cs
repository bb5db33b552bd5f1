using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace TaskQueue.Benchmarks;

/// <summary>
/// What things cost as a queue grows, as a picture: both axes logarithmic, so that what grows with the queue rises and what does not stays
/// level.
/// </summary>
internal static class Curves
{
    private const int Width = 900;
    private const int Height = 560;

    // Okabe and Ito's: told apart by those who do not see all colors, too.
    private static readonly OxyColor[] Colors =
        [.. new[] { "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#000000", "#8C6D31" }.Select(OxyColor.Parse)];

    // Viewers whose letters are wider than the ones it was measured with cut the text off.
    private const string Room = "      ";

    private static readonly MarkerType[] Markers = [MarkerType.Circle, MarkerType.Square, MarkerType.Diamond, MarkerType.Triangle];

    public static void Write(string path, IReadOnlyList<Result> results)
    {
        var plot = new PlotModel { Title = results[0].Scenario.About, Background = OxyColors.White };
        plot.Axes.Add(Axis(AxisPosition.Bottom, "tasks in the queue"));
        plot.Axes.Add(Axis(AxisPosition.Left, results[0].Unit + " a call"));
        plot.Legends.Add(new Legend
        {
            LegendPosition = LegendPosition.BottomCenter, LegendPlacement = LegendPlacement.Outside,
            LegendOrientation = LegendOrientation.Horizontal, LegendItemSpacing = 40,
        });
        foreach (var (index, curve) in results.GroupBy(result => result.What).Index())
        {
            var line = new LineSeries
            {
                Title = curve.Key + Room, Color = Colors[index % Colors.Length], MarkerType = Markers[index % Markers.Length],
                MarkerFill = Colors[index % Colors.Length],
            };
            line.Points.AddRange(curve.Select(result => new DataPoint(result.Size!.Value, result.Product.Median)));
            plot.Series.Add(line);
        }

        using var file = File.Create(path);
        new SvgExporter { Width = Width, Height = Height }.Export(plot, file);
    }

    private static string Decade(double value) =>
        Math.Abs(Math.Log10(value) - Math.Round(Math.Log10(value))) < 0.001 ? value.ToString("#,0.###", CultureInfo.InvariantCulture) : "";

    private static LogarithmicAxis Axis(AxisPosition position, string title) => new()
    {
        Position = position, Title = title, LabelFormatter = Decade, MajorGridlineStyle = LineStyle.Solid,
        MajorGridlineColor = OxyColors.LightGray,
    };
}
