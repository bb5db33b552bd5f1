namespace TaskQueue;

/// <summary>Who did something to a queue.</summary>
/// <param name="User">The user's name as the operating system tells it.</param>
/// <param name="Machine">The machine's name.</param>
/// <param name="ProcessId">The process id on that machine.</param>
/// <param name="Command">The command that acted, such as <c>Stop-QueueTask</c>.</param>
public sealed record Actor(string User, string Machine, int ProcessId, string Command)
{
    /// <summary>This process, acting through <paramref name="command"/>.</summary>
    public static Actor Current(string command) =>
        new(Environment.UserName, Environment.MachineName, Environment.ProcessId, command);
}
