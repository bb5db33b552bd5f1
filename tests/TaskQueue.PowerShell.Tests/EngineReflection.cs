using System.Data.Common;
using System.Reflection;
using System.Runtime.Loader;

namespace TaskQueue.PowerShell.Tests;

/// <summary>
/// The engine inside the loaded module, for what no cmdlet does: claims, foreign files, locks. This project cannot reference it,
/// since its types would then be loaded twice.
/// </summary>
internal static class EngineReflection
{
    private static Assembly Storage => Load("TaskQueue.Storage");

    private static Assembly Engine => Load("TaskQueue");

    /// <summary>Claims one due task for a worker, and returns its id.</summary>
    public static string Claim(string queue, string type, TimeSpan lease, Guid? worker = null)
    {
        using var store = Open(queue);
        var request = Make(
            Engine.GetType("TaskQueue.ClaimRequest", throwOnError: true)!,
            ("Types", new[] { type }),
            ("Tokens", new[] { Guid.NewGuid() }),
            ("Worker", "web01:4711"),
            ("WorkerId", worker),
            ("LeaseTime", lease));
        var claimed = Engine.GetType("TaskQueue.IWorkSource", throwOnError: true)!.GetMethod("Claim")!
            .Invoke(store, [request, CancellationToken.None])!;
        return Assert.Single(((IEnumerable<object>)claimed).Select(task => task.ToString()!));
    }

    /// <summary>A plain connection through the module's own SQLite, the one copy of it in this process.</summary>
    public static DbConnection OpenDatabase(string path)
    {
        var type = Load("Microsoft.Data.Sqlite").GetType("Microsoft.Data.Sqlite.SqliteConnection", throwOnError: true)!;
        var connection = (DbConnection)Activator.CreateInstance(type, $"Data Source={path};Pooling=False")!;
        connection.Open();
        return connection;
    }

    public static object? Execute(this DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>A type of the module, public or not.</summary>
    public static Type TypeOf(string assembly, string name) => Load(assembly).GetType(name, throwOnError: true)!;

    private static IDisposable Open(string queue)
    {
        var options = Make(Storage.GetType("TaskQueue.Storage.StoreOptions", throwOnError: true)!, ("ForWriting", true));
        return (IDisposable)Storage.GetType("TaskQueue.Storage.TaskStores", throwOnError: true)!.GetMethod("Open")!
            .Invoke(null, [queue, options])!;
    }

    private static object Make(Type type, params (string Name, object? Value)[] properties)
    {
        var made = Activator.CreateInstance(type)!;
        foreach ((var name, var value) in properties)
            type.GetProperty(name)!.SetValue(made, value);
        return made;
    }

    private static Assembly Load(string name) => AssemblyLoadContext.All
        .Single(context => context.Name == "TaskQueue")
        .LoadFromAssemblyName(new AssemblyName(name));
}
