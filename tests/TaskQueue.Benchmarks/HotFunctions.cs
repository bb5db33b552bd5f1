using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using TaskQueue.Benchmarks.Sqlite;

namespace TaskQueue.Benchmarks;

/// <summary>The few functions that run for each task, each by itself.</summary>
[MemoryDiagnoser]
public class HotFunctions : IDisposable
{
    private const int Rows = 1_000;

    private readonly QueueFolder _folder = new();
    private readonly string _data = SampleTask.Data;
    private readonly string _duration = "1h30m";
    private ITaskStore _store = null!;

    public static void Measure(object _) => BenchmarkRunner.Run<HotFunctions>(
        DefaultConfig.Instance
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "taskqueue-benchmarkdotnet"))
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));

    [GlobalSetup]
    public void Fill() => _store = QueueFolder.Open(Filling.NewFinished(_folder, Rows));

    [GlobalCleanup]
    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Description = "read a row", OperationsPerInvoke = Rows)]
    public int ReadRows() => _store.Read(new TaskQuery(), CancellationToken.None).Count();

    [Benchmark(Description = "duration '1h30m'")]
    public TimeSpan ParseDuration() => new Duration(_duration).Value;

    [Benchmark(Description = "check the JSON of a task")]
    public bool CheckJson() => TaskRules.IsReadableJson(_data);

    [Benchmark(Description = "the JSON of a task as objects")]
    public object? ReadJson() =>
        new QueueTask
        {
            Id = "a", Type = "a", Status = QueueTaskStatus.Pending, StatusText = "pending", Queue = "", Revision = "", DataJson = _data,
        }.Data;
}
