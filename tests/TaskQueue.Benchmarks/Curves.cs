using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace TaskQueue.Benchmarks;

/// <summary>What things cost as a queue grows, as a picture: both axes logarithmic, so that what grows with the queue rises and what does not stays level.</summary>
internal static class Curves
{
    private const int Width = 900;
    private const int Height = 520;

    public static void Write(string path, IReadOnlyList<Result> results)
    {
        var plot = new PlotModel { Title = results[0].Scenario, Background = OxyColors.White };
        plot.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = "tasks in the queue", MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray });
        plot.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Left, Title = results[0].Unit, MajorGridlineStyle = LineStyle.Solid, MajorGridlineColor = OxyColors.LightGray });
        plot.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop, LegendPlacement = LegendPlacement.Outside });
        foreach (var curve in results.GroupBy(result => result.What))
        {
            var line = new LineSeries { Title = curve.Key, MarkerType = MarkerType.Circle };
            line.Points.AddRange(curve.Select(result => new DataPoint(result.Size!.Value, result.Product.Median)));
            plot.Series.Add(line);
        }

        using var file = File.Create(path);
        new SvgExporter { Width = Width, Height = Height }.Export(plot, file);
    }
}
