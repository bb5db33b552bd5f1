using Microsoft.Data.Sqlite;
using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

/// <summary>Statements on the bare engine.</summary>
public sealed class SqliteSessionTests : SqliteTestBase
{
    private static readonly Guid Identifier = new("00112233-4455-6677-8899-aabbccddeeff");

    [Fact]
    public void Every_kind_of_value_comes_back_as_it_was_given()
    {
        using var session = OpenSession();
        session.ExecuteScript("CREATE TABLE kinds (text, whole, real, flag, identifier, missing)");
        session.Execute(
            "INSERT INTO kinds VALUES ($text, $whole, $real, $flag, $identifier, $missing)",
            ("$text", "für 日本 😀"),
            ("$whole", long.MinValue),
            ("$real", 1.5),
            ("$flag", true),
            ("$identifier", Identifier),
            ("$missing", null));

        var read = Assert.Single(session.Rows(
            "SELECT text, whole, real, flag, identifier, missing FROM kinds",
            row =>
                (row.GetString(
                    0), row.GetInt64(1), row.GetDouble(2), row.GetInt64(3), row.GetIdentifier(4), row.IsDBNull(5), row.GetName(4))));

        Assert.Equal(("für 日本 😀", long.MinValue, 1.5, 1, Identifier, true, "identifier"), read);
    }

    [Fact]
    public void A_statement_that_is_run_again_has_only_the_values_of_this_time()
    {
        using var session = OpenSession();
        session.ExecuteScript("CREATE TABLE texts (number INTEGER, text)");
        // One so long that its copy is let go of after the run.
        string?[] texts = [new('x', 100_000), null, "short"];
        for (var number = 0; number < texts.Length; number++)
        {
            session.Execute("INSERT INTO texts VALUES ($number, $text)", ("$number", number), ("$text", texts[number]));
        }

        Assert.Equal(texts, session.Rows("SELECT text FROM texts ORDER BY number", row => row.IsDBNull(0) ? null : row.GetString(0)));
    }

    [Fact]
    public void A_reading_that_ends_early_leaves_no_lock_behind()
    {
        MakeQueue("a", "b");
        using var writer = SqliteSession.Open(QueuePath, writable: true);
        writer.Execute("UPDATE task SET priority = 1");
        using var reader = SqliteSession.Open(QueuePath, writable: false);
        // Emptying the log answers 1 as long as anybody reads in it.
        var (whileReading, areAll) = reader.RowsWhile("SELECT id FROM task", _ => EmptyLog(), _ => false);

        Assert.Equal([1], whileReading);
        Assert.False(areAll);
        Assert.Equal(0, EmptyLog());

        long EmptyLog() => writer.Number("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    [Fact]
    public void Two_statements_in_one_text_are_refused_rather_than_half_run()
    {
        using var session = OpenSession();
        Assert.Throws<ArgumentException>(() => session.Execute("DELETE FROM task; DELETE FROM event"));
    }

    [Fact]
    public void An_error_has_the_engines_code_and_words()
    {
        using var session = OpenSession();
        var error = Assert.Throws<SqliteException>(() => session.Execute("INSERT INTO task (id) VALUES ('a')"));
        Assert.Equal(SQLitePCL.raw.SQLITE_CONSTRAINT, error.SqliteErrorCode);
        Assert.Contains("NOT NULL", error.Message, StringComparison.Ordinal);
    }

    private SqliteSession OpenSession()
    {
        MakeQueue();
        return SqliteSession.Open(QueuePath, writable: true);
    }
}
