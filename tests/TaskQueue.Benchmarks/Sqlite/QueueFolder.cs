using TaskQueue.Storage;

namespace TaskQueue.Benchmarks.Sqlite;

/// <summary>A folder of queue files that goes when it is disposed of.</summary>
internal sealed class QueueFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taskqueue-bench-");
    private int _count;

    /// <summary>Makes an empty queue; nothing has it open afterwards.</summary>
    public string NewQueue()
    {
        var path = NewPath();
        Open(path).Dispose();
        return path;
    }

    /// <summary>A copy of a queue that nothing has open, as a queue that nobody has read yet: the disk has it all.</summary>
    public string CopyOf(string path)
    {
        var copy = NewPath();
        File.Copy(path, copy);
        using var file = File.OpenHandle(copy, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(file);
        return copy;
    }

    /// <summary>Deletes a queue that nothing has open, with all that lies beside it under its name.</summary>
    public void Delete(string path) => Array.ForEach(_folder.GetFiles(Path.GetFileNameWithoutExtension(path) + "*"), file => file.Delete());

    public string NewPath() => Path.Combine(_folder.FullName, $"queue-{++_count}-.db");

    public static ITaskStore Open(string path, Durability durability = Durability.Full) =>
        TaskStores.Open(
            path, new StoreOptions { Create = true, ForWriting = true, Durability = durability, Timeout = TimeSpan.FromMinutes(1) });

    public void Dispose() => _folder.Delete(recursive: true);
}
