using System.Security.Cryptography;
using System.Text;

namespace TaskQueue.Storage;

/// <summary>
/// The <c>application_id</c> of a backup that an operation made by itself: the letter B, and 24 bits of a hash of the queue's path, on a
/// server of its place there, whoever the user is. Only a file that carries its queue's mark is ever pruned: not one that a person made,
/// nor another queue's of the same name.
/// </summary>
internal static class BackupMark
{
    private const int HashBits = 24;
    private const long Letter = 'B';

    public static long Of(string queue)
    {
        var place = TaskStores.NamesServer(queue) ? ServerLocation.Parse(queue).Place : queue;
        return (Letter << HashBits)
            | (long)(BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(place))) & ((1u << HashBits) - 1));
    }

    /// <summary>True for the mark of any queue.</summary>
    public static bool Is(long applicationId) => applicationId >> HashBits == Letter;
}
