using Npgsql;

namespace TaskQueue.Storage;

/// <summary>
/// Tells the other processes of a queue that something changed: after the commit, since a notice inside the transaction would make all
/// transactions of the server commit one after the other, and once for all that was committed meanwhile.
/// </summary>
/// <param name="source">The connections.</param>
/// <param name="schema">The queue's schema, whose name the channel has.</param>
internal sealed class PostgresNews(NpgsqlDataSource source, string schema) : IDisposable
{
    // Each notice wakes every listening process of the database.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(10);

    private readonly object _gate = new();
    private Thread? _thread;
    private bool _hasNews;
    private bool _isDisposed;
    private bool _isOff;

    /// <summary>Has the others told soon. Never waits, never fails: whoever is not told looks by itself within 250 ms.</summary>
    public void Tell()
    {
        lock (_gate)
        {
            if (_isDisposed || _isOff)
            {
                return;
            }

            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "TaskQueue PostgreSQL news" };
                _thread.Start();
            }

            _hasNews = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Nobody is told any more: the server has no notices, and all look by themselves.</summary>
    public void TurnOff()
    {
        lock (_gate)
        {
            _isOff = true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Monitor.PulseAll(_gate);
        }

        _thread?.Join();
    }

    private void Run()
    {
        while (Wait())
        {
            try
            {
                using var command = source.CreateCommand("SELECT pg_catalog.pg_notify($1, '')");
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = schema });
                command.ExecuteNonQuery();
            }
            catch (Exception)
            {
                // The connection is lost, or none is free. The others poll. Any other error would end the process here.
            }

            Thread.Sleep(ShortestPause);
        }
    }

    /// <summary>False once there is nothing more to tell.</summary>
    private bool Wait()
    {
        lock (_gate)
        {
            while (!_hasNews && !_isDisposed)
            {
                Monitor.Wait(_gate);
            }

            var hasNews = _hasNews;
            _hasNews = false;
            return hasNews;
        }
    }
}
