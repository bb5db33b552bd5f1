namespace TaskQueue.Storage;

/// <summary>The folder for what belongs to the user and to no queue's folder.</summary>
public static class UserFolder
{
    public static string Path => System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "TaskQueue");
}
