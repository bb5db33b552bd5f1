using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace TaskQueue.TestPostgres;

/// <summary>The folder of one server, and what is done to it with the server's programs.</summary>
/// <param name="path">Holds the server's data and its log.</param>
/// <param name="programs">The server's programs.</param>
internal sealed class ServerFolder(string path, ServerPrograms programs)
{
    private const int MostTries = 50;

    public string Path => path;

    public ServerPrograms Programs => programs;

    private string Data => System.IO.Path.Combine(path, "data");

    private string ProcessFile => System.IO.Path.Combine(Data, "postmaster.pid");

    private string Log => System.IO.Path.Combine(path, "log");

    /// <summary>A new folder among the temporary ones, into which only the server's user can look.</summary>
    public static ServerFolder Create(ServerPrograms programs)
    {
        var path = Directory.CreateTempSubdirectory("taskqueue-postgres-").FullName;
        ServerUser.Own(path);
        return new ServerFolder(path, programs);
    }

    /// <summary>Makes the data of a server whose only user is the superuser, who needs the password.</summary>
    /// <param name="superuser">The superuser's name.</param>
    /// <param name="password">Its password.</param>
    /// <param name="settings">Lines of the server's configuration.</param>
    /// <param name="access">The lines that let clients in who come over a network.</param>
    /// <param name="certificate">The server's certificate, with its key; null for none.</param>
    public void Initialize(
        string superuser, string password, IEnumerable<string> settings, IReadOnlyList<string> access, X509Certificate2? certificate)
    {
        var passwordFile = WriteSecret(path, "password", password);
        Run(
            "initdb", "--pgdata", Data, "--username", superuser, "--pwfile", passwordFile, "--auth", "scram-sha-256", "--encoding", "UTF8",
            "--no-locale", "--no-sync");
        File.Delete(passwordFile);
        File.AppendAllLines(System.IO.Path.Combine(Data, "postgresql.conf"), settings);
        var accessFile = System.IO.Path.Combine(Data, "pg_hba.conf");
        if (certificate is null)
        {
            // The first line that fits counts.
            File.WriteAllLines(accessFile, [.. access, .. File.ReadAllLines(accessFile)]);
        }
        else
        {
            WriteSecret(Data, "server.crt", certificate.ExportCertificatePem());
            WriteSecret(Data, "server.key", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
            // Nobody else, such as those of this machine without TLS.
            File.WriteAllLines(accessFile, access);
        }
    }

    /// <summary>Makes the data of a standby that follows another server.</summary>
    /// <param name="primary">How it connects to that.</param>
    /// <param name="settings">Lines of its configuration, which go before those of the other server.</param>
    public void CopyFrom(string primary, IEnumerable<string> settings)
    {
        Run("pg_basebackup", "--dbname", primary, "--pgdata", Data, "--wal-method", "stream", "--checkpoint", "fast", "--no-sync");
        File.AppendAllLines(System.IO.Path.Combine(Data, "postgresql.conf"), settings);
        Follow(primary);
    }

    /// <summary>Has the server follow another one from its next start on.</summary>
    public void Follow(string primary)
    {
        File.AppendAllLines(System.IO.Path.Combine(Data, "postgresql.conf"), [$"primary_conninfo = '{primary}'"]);
        ServerUser.Own(WriteSecret(Data, "standby.signal", ""));
    }

    public void Promote() => Run("pg_ctl", "promote", "--silent", "--wait", "--pgdata", Data);

    private static string WriteSecret(string folder, string name, string text)
    {
        var file = System.IO.Path.Combine(folder, name);
        File.WriteAllText(file, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        ServerUser.Own(file);
        return file;
    }

    public void Start() => Run("pg_ctl", "start", "--silent", "--wait", "--pgdata", Data, "--log", Log);

    public void Stop(StopMode mode)
    {
        if (mode is StopMode.Crash)
        {
            Kill();
        }
        else
        {
            Run("pg_ctl", "stop", "--silent", "--wait", "--pgdata", Data, "--mode", "fast");
        }
    }

    public void Restart(StopMode mode)
    {
        Stop(mode);
        for (var tries = 0; ; tries++)
        {
            try
            {
                Start();
                return;
            }
            catch (InvalidOperationException) when (mode is StopMode.Crash && tries < MostTries)
            {
                // The last of the killed processes still holds the shared memory.
                Thread.Sleep(100);
            }
        }
    }

    /// <summary>Stops the server if it runs, and deletes all of it.</summary>
    public void Delete()
    {
        if (File.Exists(ProcessFile))
        {
            Kill();
        }

        DeleteFolder();
    }

    /// <summary>Its last processes may still write a file as they end.</summary>
    private void DeleteFolder()
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                Directory.Delete(path, recursive: true);
                return;
            }
            catch (IOException) when (tries < MostTries)
            {
                Thread.Sleep(100);
            }
        }
    }

    /// <summary>
    /// Kills all processes of the server. Its own immediate stop is no crash, and now and then waits for a child that does not end.
    /// </summary>
    private void Kill()
    {
        try
        {
            using var server = Process.GetProcessById(int.Parse(File.ReadLines(ProcessFile).First(), CultureInfo.InvariantCulture));
            // It may have ended long ago without taking its file away, and the number may be another's.
            if (server.ProcessName.StartsWith("postgres", StringComparison.Ordinal))
            {
                server.Kill(entireProcessTree: true);
                server.WaitForExit();
            }
        }
        catch (ArgumentException)
        {
            // It does not run.
        }
    }

    private void Run(string program, params string[] arguments)
    {
        try
        {
            ServerUser.Run(path, programs[program], arguments);
        }
        catch (InvalidOperationException error) when (File.Exists(Log))
        {
            throw new InvalidOperationException(
                $"{error.Message} The server's log ends:\n{string.Join('\n', File.ReadLines(Log).TakeLast(5))}", error);
        }
    }
}
