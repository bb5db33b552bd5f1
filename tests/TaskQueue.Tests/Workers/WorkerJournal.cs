using System.Globalization;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>What workers in processes of their own have written down: see WorkerWork in TaskQueue.TestProcess.</summary>
internal static class WorkerJournal
{
    public static List<(string Verb, string Id, long Number)> Read(params string[] journals) =>
    [
        .. journals.Where(File.Exists).SelectMany(ReadLines)
            .Select(line => line.Split(' '))
            .Where(words => words.Length == 3)
            .Select(words => (words[0], words[1], long.Parse(words[2], CultureInfo.InvariantCulture))),
    ];

    /// <summary>All tasks are done, and each by what its journal tells: no attempt began twice, no task was completed twice.</summary>
    public static void AssertDoneOnce(IReadOnlyList<QueueTask> tasks, params string[] journals)
    {
        Assert.All(tasks, task => Assert.Equal(QueueTaskStatus.Success, task.Status));

        // Each attempt began at most once, and the one that counts began in one of the processes.
        var ran = Read(journals).Where(line => line.Verb == "ran").Select(line => (line.Id, line.Number)).ToList();
        Assert.Equal(ran.Count, ran.Distinct().Count());
        var attempts = ran.ToHashSet();
        Assert.All(tasks, task => Assert.Contains((task.Id, (long)task.Attempt), attempts));

        // A process that is killed between commit and journal leaves no line, but none is completed twice.
        var finished = Read(journals).Where(line => line.Verb == "finished").Select(line => line.Id).ToList();
        Assert.Equal(finished.Count, finished.Distinct().Count());
    }

    // Written to meanwhile, which Windows allows only to those who say so.
    private static IEnumerable<string> ReadLines(string journal)
    {
        using var reader = new StreamReader(
            new FileStream(journal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
