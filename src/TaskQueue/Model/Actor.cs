namespace TaskQueue;

/// <summary>Who did something to a queue.</summary>
/// <param name="User">The user's name as the operating system tells it; for a call over HTTP, the name of its token's owner.</param>
/// <param name="Machine">The machine's name; for a call over HTTP, the address it came from.</param>
/// <param name="ProcessId">The process id on that machine; for a call over HTTP, the port it came from.</param>
/// <param name="Command">What acted: the name of a command as its user knows it, or the route of a call over HTTP.</param>
public sealed record Actor(string User, string Machine, int ProcessId, string Command)
{
    /// <summary>This process, acting through <paramref name="command"/>.</summary>
    public static Actor Current(string command) =>
        new(Environment.UserName, Environment.MachineName, Environment.ProcessId, command);
}
