namespace Pulumi.Blanket.Engine.States;

/// <summary>A stack that is held; disposing lets it go.</summary>
public sealed class StackLock : IDisposable
{
    private readonly string _file;

    internal StackLock(string file) => _file = file;

    /// <summary>False once somebody took it away with <c>cancel</c>: then nothing more is to be changed.</summary>
    public bool IsHeld => File.Exists(_file);

    public void Dispose()
    {
        try
        {
            File.Delete(_file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The process ends, and the next one sees that it did.
        }
    }
}
