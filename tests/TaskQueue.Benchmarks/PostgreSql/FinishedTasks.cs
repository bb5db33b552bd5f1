using Npgsql;
using TaskQueue.TestPostgres;

namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>
/// What a claim costs in a queue with a long past, beside the same claim in an empty queue: first as it is, then while another session
/// holds an old snapshot open and tasks go through all the time. The empty queue is in a database of its own, where the snapshot is of no
/// effect.
/// </summary>
internal static class FinishedTasks
{
    public static void Run(Bench bench)
    {
        var (server, sizes) = (bench.Server, bench.Sizes);
        var filled = server.Filled.Location;
        var empty = server.NewQueue(server.NewDatabase());
        foreach (var durability in (Durability[])[Durability.Full, Durability.Normal])
        {
            using TrafficPair pair = new(filled, empty, durability);
            WriteLine(
                $"Durability {durability}: milliseconds a call, medians of each of {sizes.Rounds} rounds (smallest / median / largest); "
                    + "ratio: filled to empty.");
            Report(pair, sizes.Rounds);
        }

        using var traffic = new TrafficPair(filled, empty, Durability.Normal);
        WriteLine(
            "\nWhile a snapshot is held, durability Normal; each line is the minute before it: "
                + "filled queue's median in ms (ratio to the empty one's).");
        Minute(server, traffic, "before");
        using (var holder = Hold(server, filled))
        {
            for (var minute = 1; minute <= sizes.Minutes; minute++)
            {
                Minute(server, traffic, $"minute {minute}");
            }
        }

        Minute(server, traffic, "after");
    }

    private static void Report(TrafficPair pair, int rounds)
    {
        var medians = TrafficPair.Kinds.ToDictionary(kind => kind, _ => (Filled: new Spread(), Empty: new Spread(), Ratio: new Spread()));
        // Round 0 opens the connections, prepares the statements and compiles the code.
        for (var round = 0; round <= rounds; round++)
        {
            var times = pair.RunFor(TimeSpan.FromSeconds(5));
            foreach (var (kind, (filled, empty)) in round == 0 ? [] : times)
            {
                medians[kind].Filled.Add(filled.Median);
                medians[kind].Empty.Add(empty.Median);
                medians[kind].Ratio.Add(filled.Median / empty.Median);
            }
        }

        foreach (var (kind, (filled, empty, ratio)) in medians)
        {
            WriteLine($"{kind,-34} filled {filled.Show("0.00"),-22} empty {empty.Show("0.00"),-22} ratio {ratio.Show("0.00")}");
        }
    }

    private static void Minute(BenchmarkServer server, TrafficPair traffic, string name)
    {
        var times = traffic.RunFor(TimeSpan.FromMinutes(1));
        var dead = server.Value<long>(
            $"SELECT n_dead_tup FROM pg_stat_user_tables WHERE schemaname = '{server.Filled.Location.Schema}' AND relname = 'task'");
        WriteLine(
            $"{name,-10} {traffic.Tasks,9:N0} tasks so far, {dead,9:N0} dead rows: "
            + string.Join(
                ", ",
                times.Select(
                    kind => $"{kind.Key} {kind.Value.Filled.Median:0.00} ({kind.Value.Filled.Median / kind.Value.Empty.Median:0.00})")));
    }

    private static NpgsqlConnection Hold(BenchmarkServer server, PostgresLocation queue)
    {
        var connection = (server.Superuser with { Schema = queue.Schema }).Connect();
        using var command = new NpgsqlCommand("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM worker", connection);
        command.ExecuteNonQuery();
        return connection;
    }
}
