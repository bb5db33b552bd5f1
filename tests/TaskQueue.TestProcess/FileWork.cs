using System.Globalization;
using System.Security.Cryptography;

namespace TaskQueue.TestProcess;

/// <summary>
/// What must not be done to a database in a process that has it open: closing any other handle drops SQLite's locks.
/// </summary>
internal static class FileWork
{
    public static void Hash(string[] args)
    {
        using var file = File.OpenRead(args[0]);
        Console.WriteLine(Convert.ToHexString(SHA256.HashData(file)));
    }

    public static void Overwrite(string[] args)
    {
        using var file = File.OpenWrite(args[0]);
        file.Position = long.Parse(args[1], CultureInfo.InvariantCulture);
        var noise = new byte[int.Parse(args[2], CultureInfo.InvariantCulture)];
        new Random(1).NextBytes(noise);
        file.Write(noise);
    }
}
