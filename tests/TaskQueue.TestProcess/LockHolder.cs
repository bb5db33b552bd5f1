namespace TaskQueue.TestProcess;

/// <summary>Another program that keeps the write lock.</summary>
internal static class LockHolder
{
    public static void Hold(string[] args)
    {
        using var connection = RawDatabase.Open(args[0]);
        connection.Execute("BEGIN IMMEDIATE");
        Console.WriteLine("locked");
        EndOfInput.Await();
        connection.Execute("ROLLBACK");
    }
}
