namespace TaskQueue.PowerShell;

/// <summary>Runs tasks with a script, which gets the task as <see cref="HandlerCall"/> says; its output is the result.</summary>
internal sealed class ScriptHandler(HandlerScript script, HandlerRunspaces runspaces) : ITaskHandler
{
    public HandlerOutcome Run(TaskExecution execution)
    {
        try
        {
            var runspace = runspaces.Take(execution.Kill);
            try
            {
                return runspace.Run(script, execution);
            }
            finally
            {
                runspaces.GiveBack(runspace);
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Any error is the end of this task: an end state must never be lost.
            return HandlerError.OutcomeOf(error);
        }
    }
}
