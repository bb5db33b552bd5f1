namespace TaskQueue;

/// <summary>Cuts a stream of tasks into batches, bounded by number and by what they carry.</summary>
public static class TaskBatches
{
    private const int MostTasks = 500;
    private const long MostCharacters = 4 * 1024 * 1024;

    public static IEnumerable<IReadOnlyList<QueueTask>> InBatches(this IEnumerable<QueueTask> tasks)
    {
        var batch = new List<QueueTask>();
        long characters = 0;
        foreach (var task in tasks)
        {
            batch.Add(task);
            characters += TaskPayload.CharactersOf(task);
            if (batch.Count >= MostTasks || characters >= MostCharacters)
            {
                yield return batch;
                batch = [];
                characters = 0;
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }
}
