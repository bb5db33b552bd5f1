namespace TaskQueue.PowerShell;

/// <summary>Runs tasks with a script. It gets the task as <see cref="HandlerCall"/> says, and its output is the result.</summary>
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
            // Any error must end this task, since an end state must never be lost.
            return HandlerError.OutcomeOf(error);
        }
    }
}
