namespace TaskQueue;

/// <summary>
/// Numbers the workers of this process that are there at the same time, from 1, so that their names differ. The number is in the
/// worker's id: in the last byte of a UUID of version 8, the version for what applications choose. The first worker has a random UUID
/// of version 4.
/// </summary>
internal static class WorkerNumbers
{
    private const int Custom = 8;
    private const int VersionByte = 6;
    private const int NumberByte = 15;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Taken = [];

    /// <summary>An id with the lowest number that is free.</summary>
    public static Guid NewId()
    {
        lock (Gate)
        {
            var number = Enumerable.Range(1, byte.MaxValue).FirstOrDefault(candidate => !Taken.Contains(candidate), 1);
            Taken.Add(number);
            if (number == 1)
            {
                return Guid.NewGuid();
            }

            var bytes = Guid.NewGuid().ToByteArray(bigEndian: true);
            bytes[VersionByte] = (byte)((bytes[VersionByte] & 0x0F) | (Custom << 4));
            bytes[NumberByte] = (byte)number;
            return new Guid(bytes, bigEndian: true);
        }
    }

    public static int Of(Guid id) => id.Version == Custom ? id.ToByteArray(bigEndian: true)[NumberByte] : 1;

    /// <summary>The worker of this id is no more: its number is free again.</summary>
    public static void Free(Guid id)
    {
        lock (Gate)
        {
            Taken.Remove(Of(id));
        }
    }
}
