namespace TaskQueue.Pester;

/// <summary>One <c>It</c>, or a block or file that failed before any of its tests could run.</summary>
/// <param name="Name">The names of its blocks and its own.</param>
/// <param name="Result">Passed, Failed, Skipped, or NotRun where tests were only listed.</param>
/// <param name="Message">Why it failed or was skipped; else empty.</param>
internal sealed record PesterTest(string Name, string Result, string Message);
