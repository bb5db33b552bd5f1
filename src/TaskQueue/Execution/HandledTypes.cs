using System.Diagnostics.CodeAnalysis;

namespace TaskQueue;

/// <summary>The types that a worker has handlers for: those that are named, and with <see cref="AllOthers"/> every other one.</summary>
public static class HandledTypes
{
    /// <summary>Stands for every type that is not named.</summary>
    public const string AllOthers = "*";

    /// <summary>True if tasks of the type have a handler.</summary>
    public static bool Include(IEnumerable<string> handled, string type) => handled.Any(name => name == type || name == AllOthers);

    /// <summary>Finds what is set for the type, or for all others.</summary>
    public static bool TryFind<T>(IReadOnlyDictionary<string, T> said, string type, [MaybeNullWhen(false)] out T found) =>
        said.TryGetValue(type, out found) || said.TryGetValue(AllOthers, out found);
}
