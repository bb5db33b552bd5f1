using System.Reflection;

namespace TaskQueue.Storage;

/// <summary>
/// The versions of the native layout in one kind of database, as the steps that lead to them: the first makes a new queue, each later one
/// brings a queue from one version to the next. The steps are frozen files, of which a test holds the hashes.
/// </summary>
/// <param name="steps">The steps in their order.</param>
internal sealed class LayoutVersions(IReadOnlyList<LayoutStep> steps)
{
    // Builds before the first release stored 1 to 3, for other layouts than the files of these numbers describe.
    private const int UnreleasedNumbers = 100;

    public IReadOnlyList<LayoutStep> Steps => steps;

    /// <summary>The newest version.</summary>
    public int Newest => steps.Count;

    /// <summary>The frozen files of a database, by its folder.</summary>
    public static LayoutVersions Of(string folder)
    {
        var files = new List<LayoutStep>();
        while (Text($"{folder}/{files.Count + 1:000}.sql") is { } sql)
        {
            files.Add(new LayoutStep(sql, Text($"{folder}/{files.Count + 1:000}.storage.sql")));
        }

        return new LayoutVersions(files);
    }

    /// <summary>The number that a queue stores for a version: no number that an unreleased build has stored.</summary>
    public static int StoredNumber(int version) => version + UnreleasedNumbers;

    /// <summary>The version that a stored number stands for.</summary>
    /// <exception cref="QueueFormatException">An unreleased build or a newer one has stored it.</exception>
    public int VersionOf(long storedNumber, string queue)
    {
        if (storedNumber <= UnreleasedNumbers)
        {
            throw new QueueFormatException(
                $"'{queue}' was made by a build before the first release. Its layout is not supported.",
                new Advice.MoveFromUnreleased());
        }

        var version = storedNumber - UnreleasedNumbers;
        return version <= Newest
            ? (int)version
            : throw new QueueFormatException(
                $"'{queue}' has layout version {version}; this version of the product knows up to {Newest}.",
                "Update this product on this machine. Nothing was changed.");
    }

    /// <summary>What reading says of an older version.</summary>
    public static QueueFormatException Older(string queue) => new(
        $"'{queue}' has an older layout, which reading does not change.", new Advice.WriteToUpgrade());

    /// <summary>The same versions up to one of them, as an older product knew them.</summary>
    public LayoutVersions UpTo(int version) => new([.. steps.Take(version)]);

    private static string? Text(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name);
        return stream is null ? null : new StreamReader(stream).ReadToEnd();
    }
}
