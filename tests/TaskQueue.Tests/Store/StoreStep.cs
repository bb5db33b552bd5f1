namespace TaskQueue.Tests.Store;

/// <summary>One step of a random history: what is done, to which task, and which of the things seen so far it leans on.</summary>
public sealed record StoreStep(StepKind Kind, int Task, int Choice);
