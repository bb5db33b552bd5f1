using System.Globalization;
using System.Security.Cryptography;

namespace TaskQueue.TestProcess;

/// <summary>
/// What must not be done to a database in a process that has it open: closing any other handle drops SQLite's locks.
/// </summary>
internal static class FileWork
{
    public static void Hash(string[] args) => Console.WriteLine(HashOf(args[0]));

    public static void HashFolder(string[] args)
    {
        foreach (var path in Directory.EnumerateFiles(args[0]).Order(StringComparer.Ordinal))
        {
            Console.WriteLine($"{Path.GetFileName(path)} {HashOf(path)}");
        }
    }

    public static void Overwrite(string[] args)
    {
        using var file = File.OpenWrite(args[0]);
        file.Position = long.Parse(args[1], CultureInfo.InvariantCulture);
        var noise = new byte[int.Parse(args[2], CultureInfo.InvariantCulture)];
        new Random(1).NextBytes(noise);
        file.Write(noise);
    }

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    }
}
