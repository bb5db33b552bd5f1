using System.Collections.Specialized;

namespace TaskQueue;

/// <summary>
/// What the objects of <see cref="QueueTask.Data"/> and <see cref="QueueTask.Result"/> are, for the whole process. The engine makes
/// dictionaries. A program whose language has objects of its own for JSON sets this once, before it reads tasks.
/// </summary>
internal static class JsonObjects
{
    /// <summary>Makes what stands for an object of these members. It may be the dictionary itself.</summary>
    public static Func<OrderedDictionary, object> Make { get; set; } = members => members;
}
