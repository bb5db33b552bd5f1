using System.Net.Sockets;

namespace TaskQueue.Server;

internal static class Program
{
    // EX_USAGE of sysexits.h.
    private const int UsageError = 64;

    private static async Task<int> Main(string[] args)
    {
        if (CommandLine.AsksForHelp(args))
        {
            await Console.Out.WriteLineAsync(CommandLine.Usage);
            return 0;
        }

        try
        {
            await using var application = ServerApplication.Build(CommandLine.Parse(args, Environment.GetEnvironmentVariable));
            await application.RunAsync();
            return 0;
        }
        catch (UsageException error)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return UsageError;
        }
        catch (Exception error) when (error is IOException or SocketException or InvalidOperationException)
        {
            // Such as an address that is in use, or https without a certificate.
            await Console.Error.WriteLineAsync($"The server cannot start: {error.Message} Addresses are given with --urls.");
            return 1;
        }
    }
}
