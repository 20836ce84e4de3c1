namespace Pulumi.Blanket.Provider.Ssh.Channels;

/// <summary>Calls of the library that block, on threads of their own: on the pool's few, they would hold up whoever answers them.</summary>
internal static class Blocking
{
    public static Task<T> RunAsync<T>(Func<T> call)
        => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    public static Task RunAsync(Action call)
        => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
