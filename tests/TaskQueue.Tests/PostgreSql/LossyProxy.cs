using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using TaskQueue.TestPostgres;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>
/// Stands between a client and the server, and can lose an answer: the server has done what it was asked for, the client never hears of it,
/// and the connection is gone. Or it falls silent for good.
/// </summary>
internal sealed class LossyProxy : IDisposable
{
    private volatile PostgresLocation _server;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly List<NetworkStream> _connections = [];
    private bool _isDisposed;
    private volatile bool _isToFallSilent;
    private readonly Lock _wayToServer = new();
    private Task? _insteadOfRequest;
    private int _untilRequest;
    private int _untilLoss;

    public LossyProxy(PostgresLocation server)
    {
        _server = server;
        _listener.Start();
        Start(Accept);
    }

    /// <summary>The location of the server by way of this.</summary>
    public PostgresLocation Location =>
        _server with
        {
            Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port, Settings = ["sslmode=disable", "gssencmode=disable"],
        };

    /// <summary>
    /// Leads new connections to another server, as a name does that was changed; those that are open stay where they are.
    /// </summary>
    public void MoveTo(PostgresLocation server) => _server = server;

    /// <summary>True if the loss that was asked for has come about.</summary>
    public bool HasLost => Volatile.Read(ref _untilLoss) == 0;

    /// <summary>
    /// Loses a request to come, that after so many answers: it never reaches the server, to which something else happens meanwhile, and the
    /// connection is gone. Nobody else gets through to the server before that has happened, which the task tells.
    /// </summary>
    public Task LoseRequest(int answers, Action meanwhile)
    {
        // Whoever waits for it goes on elsewhere, and not with the way to the server closed.
        var happening = new Task(meanwhile, TaskCreationOptions.RunContinuationsAsynchronously);
        _insteadOfRequest = happening;
        Volatile.Write(ref _untilRequest, answers);
        return happening;
    }

    /// <summary>
    /// From an answer to come on, nothing gets through any more, and no connection is closed: a host that is off the network.
    /// </summary>
    public void FallSilent(int number)
    {
        _isToFallSilent = true;
        LoseAnswer(number);
    }

    /// <summary>Loses an answer to come; 1 is the next. An answer is what the server says until it is ready for more.</summary>
    public void LoseAnswer(int number) => Volatile.Write(ref _untilLoss, number);

    public void Dispose()
    {
        _listener.Dispose();
        lock (_gate)
        {
            _isDisposed = true;
            _connections.ForEach(connection => connection.Dispose());
        }
    }

    private void Accept()
    {
        while (true)
        {
            var client = Keep(_listener.AcceptSocket());
            NetworkStream server;
            try
            {
                lock (_wayToServer)
                {
                    server = Keep(Connected());
                }
            }
            catch (SocketException)
            {
                // The server is just being started again: that is what the client is to see, and the next one may find it.
                client.Dispose();
                continue;
            }

            Start(() => Forward(client, server), () => HangUp(client, server));
            Start(() => Answer(server, client), () => HangUp(client, server));
        }
    }

    private Socket Connected()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(_server.Host, _server.Port);
        return socket;
    }

    private NetworkStream Keep(Socket socket)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            socket.NoDelay = true;
            var connection = new NetworkStream(socket, ownsSocket: true);
            _connections.Add(connection);
            return connection;
        }
    }

    /// <summary>
    /// Where one side is gone, the other must not wait for it; unless silence is what is asked for. The client hears of it when the server
    /// has ended what the connection had begun: what it asks for on the next one does not meet the locks of this one.
    /// </summary>
    private void HangUp(NetworkStream client, NetworkStream server)
    {
        if (IsSilent)
        {
            return;
        }

        Quietly(() =>
        {
            server.Socket.Shutdown(SocketShutdown.Send);
            server.CopyTo(Stream.Null);
        });
        client.Dispose();
        server.Dispose();
    }

    private bool IsSilent => _isToFallSilent && HasLost;

    private void Forward(NetworkStream client, NetworkStream server)
    {
        var buffer = new byte[8192];
        for (var read = client.Read(buffer); read > 0 && !IsSilent; read = client.Read(buffer))
        {
            if (Volatile.Read(ref _untilRequest) == 0 && Interlocked.Exchange(ref _insteadOfRequest, null) is { } meanwhile)
            {
                lock (_wayToServer)
                {
                    meanwhile.RunSynchronously();
                }

                return;
            }

            server.Write(buffer.AsSpan(0, read));
        }
    }

    /// <summary>
    /// Hands on what the server says, message by message: https://www.postgresql.org/docs/current/protocol-message-formats.html
    /// </summary>
    private void Answer(NetworkStream server, NetworkStream client)
    {
        using var pending = new MemoryStream();
        var header = new byte[5];
        while (true)
        {
            server.ReadExactly(header);
            pending.Write(header);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(1)) - 4];
            server.ReadExactly(body);
            pending.Write(body);
            var isReady = header[0] == (byte)'Z';
            if (isReady && Volatile.Read(ref _untilLoss) > 0 && Interlocked.Decrement(ref _untilLoss) == 0)
            {
                return;
            }

            if (isReady)
            {
                Interlocked.Decrement(ref _untilRequest);
            }

            // Logging in and copying go back and forth before the server is ready; notices may come at any time.
            if (isReady || header[0] is (byte)'R' or (byte)'G' or (byte)'A' or (byte)'E')
            {
                client.Write(pending.GetBuffer().AsSpan(0, (int)pending.Length));
                pending.SetLength(0);
            }
        }
    }

    /// <summary>On a thread of its own, until a side hangs up.</summary>
    private static void Start(Action work, Action? atEnd = null) => new Thread(() =>
    {
        Quietly(work);
        atEnd?.Invoke();
    })
    { IsBackground = true }.Start();

    private static void Quietly(Action work)
    {
        try
        {
            work();
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The connection is over.
        }
    }
}
