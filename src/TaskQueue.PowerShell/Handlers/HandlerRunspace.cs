using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace TaskQueue.PowerShell;

/// <summary>A runspace in which handlers run, one at a time.</summary>
internal sealed class HandlerRunspace : IDisposable
{
    // A job that the handler left behind may never end, and PowerShell waits for it.
    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(5);

    private readonly HandlerThread _thread = new();
    private readonly HandlerHost _host;
    private readonly HandlerEnvironment _environment;
    private readonly Dictionary<HandlerScript, object> _scripts = [];
    private readonly Runspace _runspace;
    private readonly HandlerPipelines _pipelines;
    private ConnectedQueue? _connection;
    private string? _location;
    private HandlerPreferences? _preferences;

    private HandlerRunspace(HandlerEnvironment environment)
    {
        _environment = environment;
        _host = new HandlerHost(_thread);
        _runspace = RunspaceFactory.CreateRunspace(_host, InitialSessionState.CreateDefault2());
        _runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        _pipelines = new HandlerPipelines(_runspace, _thread);
    }

    private static HandlerOutcome TooMuchOutput =>
        HandlerOutcome.Failure(
            FormattableString.Invariant($"The handler wrote more than {HandlerOutput.MostObjects:N0} objects, and was stopped."));

    /// <summary>False once a handler was stopped in it, which may have left anything half done.</summary>
    public bool IsUsable => !_pipelines.WasStopped && _runspace.RunspaceStateInfo.State is RunspaceState.Opened;

    /// <exception cref="RuntimeException">A module cannot be imported, or the initialization script failed.</exception>
    /// <exception cref="TaskQueueException">The queue cannot be opened.</exception>
    /// <exception cref="PipelineStoppedException">The opening was stopped.</exception>
    public static HandlerRunspace Open(HandlerEnvironment environment, CancellationToken kill)
    {
        var made = new HandlerRunspace(environment);
        try
        {
            made.Prepare(kill);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="HandlerScript.EnsureKnows"/>
    public void Check(HandlerScript script, CancellationToken kill) =>
        script.EnsureKnows(_runspace.SessionStateProxy.PSVariable, name => _pipelines.HasCommand(name, kill));

    /// <summary>
    /// Runs the script for one task. It is ended when the stop of the execution reaches the kill. Processes that it started end with it.
    /// </summary>
    public HandlerOutcome Run(HandlerScript script, TaskExecution execution)
    {
        ResetSession(execution.Kill);
        var children = TaskChildren.Begin(execution, _thread.SystemId, _environment.KeepsChildren);
        _host.Children = children;
        try
        {
            return Call(script, execution);
        }
        finally
        {
            _host.Children = null;
            children?.End();
        }
    }

    private HandlerOutcome Call(HandlerScript script, TaskExecution execution)
    {
        using var pipeline = _pipelines.New();
        // The script's own output is followed by this mark. If it is missing, the script was left by an exit, or by a break without a loop.
        var end = new object();
        var context = new TaskContext(execution);
        pipeline.AddScript(script.Call, useLocalScope: true)
            .AddParameter("Task", execution.Task)
            .AddParameter("TaskContext", context)
            .AddArgument(ScriptFor(script))
            .AddArgument(end);
        var output = new HandlerOutput(pipeline, record => HandlerProgress.Report(record, context, execution));
        try
        {
            _pipelines.Invoke(pipeline, output.Objects, execution.Kill);
        }
        catch (PipelineStoppedException)
        {
            return output.IsTooMuch ? TooMuchOutput : HandlerOutcome.Failure("The handler was stopped.");
        }
        catch (RuntimeException error)
        {
            return HandlerError.OutcomeOf(error, output.NativeErrors);
        }

        if (output.IsTooMuch)
        {
            // The handler ended just before the stop reached it.
            return TooMuchOutput;
        }

        var objects = output.Objects.Cast<object?>().ToList();
        if (objects is [.., PSObject { BaseObject: var last }] && ReferenceEquals(last, end))
        {
            objects.RemoveAt(objects.Count - 1);
        }
        else if (_host.ExitCode is not 0)
        {
            return HandlerOutcome.Failure(_host.ExitCode is { } code
                ? $"The handler ended with exit code {code}."
                : "The handler was left by a break or continue outside of a loop.");
        }

        return HandlerOutcome.Success(ToJson(HandlerOutput.Combine(objects), execution.Kill));
    }

    public void Dispose()
    {
        _runspace.Dispose();
        _thread.Dispose();
    }

    /// <summary>
    /// Gives up the runspace to a handler that ignores its stop. When the session's own runspace is closed, it closes all others, and would
    /// wait for this one for ever. It skips one that is already being closed, so the closing is started here.
    /// </summary>
    public void Abandon()
    {
        StartClosing();
        SpinWait.SpinUntil(() => _runspace.RunspaceStateInfo.State is not RunspaceState.Opened, TimeSpan.FromSeconds(1));
    }

    /// <summary>Closes the runspace, and waits for that, but only for a limited time.</summary>
    public void Close() => StartClosing().Join(LongestClose);

    private Thread StartClosing()
    {
        var closing = new Thread(TryDispose) { IsBackground = true, Name = "TaskQueue closing handler" };
        closing.Start();
        return closing;
    }

    private void TryDispose()
    {
        try
        {
            Dispose();
        }
#pragma warning disable CA1031 // On this thread an exception would end the process.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Closing runs code of the handler, such as a module's OnRemove. Nobody is left to be told of its errors.
        }
    }

    private void Prepare(CancellationToken kill)
    {
        using var serving = TaskChildren.BeginServing();
        _runspace.Open();
        Connect(kill);
        SetLocation();
        foreach (var module in _environment.Modules)
        {
            _pipelines.Import(module, kill);
        }

        _preferences = new HandlerPreferences(_runspace);
        _runspace.SessionStateProxy.InvokeCommand.PostCommandLookupAction += (_, found) => _host.NotifyCommand(found.Command);
        foreach (DictionaryEntry variable in _environment.Variables)
        {
            _runspace.SessionStateProxy.SetVariable(variable.Key.ToString()!, HandlerScript.ForAnotherRunspace(variable.Value));
        }

        if (_environment.Initialization is { } initialization)
        {
            Initialize(initialization, kill);
        }

        _preferences.Keep();
    }

    private void Initialize(HandlerScript initialization, CancellationToken kill)
    {
        // Dot-sourced, so that the tasks see what it defines.
        using var pipeline = _pipelines.New();
        Check(initialization, kill);
        pipeline.AddScript(". $args[0]", useLocalScope: false).AddArgument(initialization.Make());
        try
        {
            _pipelines.Invoke(pipeline, kill);
        }
        catch (RuntimeException error) when (error is not PipelineStoppedException)
        {
            // The record is kept, so that the error still has its place in the script.
            var message = $"The initialization script failed: {error.ErrorRecord}";
            throw new RuntimeException(
                message, error, new ErrorRecord(error.ErrorRecord, null) { ErrorDetails = new ErrorDetails(message) });
        }

        if (_host.ExitCode is { } code and not 0)
        {
            throw new RuntimeException($"The initialization script ended with exit code {code}.");
        }
    }

    /// <summary>
    /// Connects the runspace to the worker's queue. An earlier handler may have connected elsewhere, disconnected or removed the module.
    /// </summary>
    private void Connect(CancellationToken kill)
    {
        if (_connection is not null && ReferenceEquals(ConnectedQueue.Of(_runspace), _connection))
        {
            // The module is there too: it disconnects when it is removed.
            return;
        }

        if (!_pipelines.HasModule(ModuleManifest.Location, kill))
        {
            _pipelines.Import(ModuleManifest.Location, kill);
        }

        _connection = ConnectedQueue.Open(_environment.Queue, _environment.StoreOptions);
        ConnectedQueue.Connect(_runspace, _connection);
    }

    /// <summary>Removes what an earlier task left in the session, as far as it would do harm.</summary>
    private void ResetSession(CancellationToken kill)
    {
        Connect(kill);
        _host.ExitCode = null;
        _preferences!.Reset();
        // The errors of earlier tasks would keep all that they refer to in memory.
        (_runspace.SessionStateProxy.GetVariable("Error") as ArrayList)?.Clear();
        SetLocation();
    }

    /// <summary>
    /// Sets the location, but only if an earlier task has changed it: for each location that is set, PowerShell lists all of each folder
    /// above it.
    /// </summary>
    private void SetLocation()
    {
        var path = _runspace.SessionStateProxy.Path;
        if (path.CurrentLocation.Path != _location)
        {
            _location = path.SetLocation(WildcardPattern.Escape(_environment.Location)).Path;
        }
    }

    private object ScriptFor(HandlerScript script)
    {
        if (!_scripts.TryGetValue(script, out var made))
        {
            _scripts.Add(script, made = script.Make());
        }

        return made;
    }

    /// <summary>
    /// The result as JSON. It is written in the runspace, since properties of script classes and script properties run the handler's code.
    /// </summary>
    private string? ToJson(object? result, CancellationToken kill)
    {
        if (result is null)
        {
            return null;
        }

        using var pipeline = _pipelines.New();
        string? json = null;
        Action write = () => json = ResultJson.Write(result, JsonValueRules.HandlerResult);
        pipeline.AddScript("$args[0].Invoke()").AddArgument(write);
        _pipelines.Invoke(pipeline, kill);
        return json;
    }
}
