namespace TaskQueue.Tests.PostgreSql;

/// <summary>The same where the server cannot tell whether a transaction has written anything.</summary>
public sealed class PostgresPlainLostAnswerTests() : PostgresLostAnswerTests(PlainServer.NewQueue());
