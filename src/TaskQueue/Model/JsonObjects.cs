using System.Collections.Specialized;

namespace TaskQueue;

/// <summary>
/// What the objects of <see cref="QueueTask.Data"/> and <see cref="QueueTask.Result"/> are, for the whole process. The engine makes dictionaries, and knows no PowerShell;
/// the module wants the objects that ConvertFrom-Json makes, in every runspace and also in those that have not imported it.
/// </summary>
internal static class JsonObjects
{
    /// <summary>Makes what stands for an object of these members. It may be the dictionary itself.</summary>
    public static Func<OrderedDictionary, object> Make { get; set; } = members => members;
}
