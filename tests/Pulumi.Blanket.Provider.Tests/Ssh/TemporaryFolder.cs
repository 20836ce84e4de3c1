namespace Pulumi.Blanket.Provider.Tests.Ssh;

/// <summary>A folder of a test's own, that only its account can read.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("blanket-ssh-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
