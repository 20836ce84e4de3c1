using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Engine.Tests.Support;

namespace Pulumi.Blanket.Engine.Tests.States;

/// <summary>A file is whole, and stays what it is to those who share it.</summary>
public sealed class WholeFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_is_not_there_yet_is_made_with_its_folders_and_for_its_owner_only()
    {
        new WholeFile(_folder["a/b/file"]).Write("new"u8);
        Assert.Equal("new", File.ReadAllText(_folder["a/b/file"]));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(_folder["a/b/file"]));
        Assert.Single(Directory.GetFiles(_folder["a/b"]));
    }

    [Fact]
    public void A_file_stays_open_to_whom_it_was()
    {
        const UnixFileMode Shared = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead;
        File.WriteAllText(_folder["file"], "old");
        File.SetUnixFileMode(_folder["file"], Shared);
        new WholeFile(_folder["file"]).Write("new"u8);
        Assert.Equal("new", File.ReadAllText(_folder["file"]));
        Assert.Equal(Shared, File.GetUnixFileMode(_folder["file"]));
    }

    [Theory]
    [InlineData("real/file")]
    [InlineData("real/missing")]
    public void A_link_stays_one_and_what_it_points_to_is_written(string target)
    {
        Directory.CreateDirectory(_folder["real"]);
        File.WriteAllText(_folder["real/file"], "old");
        File.CreateSymbolicLink(_folder["inner"], target);
        File.CreateSymbolicLink(_folder["link"], "inner");
        new WholeFile(_folder["link"]).Write("new"u8);
        Assert.Equal("inner", new FileInfo(_folder["link"]).LinkTarget);
        Assert.Equal(target, new FileInfo(_folder["inner"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(_folder[target]));
    }

    [Fact]
    public void Links_that_go_in_a_circle_are_said()
    {
        File.CreateSymbolicLink(_folder["a"], "b");
        File.CreateSymbolicLink(_folder["b"], "a");
        var fault = Assert.Throws<EngineException>(() => new WholeFile(_folder["a"]).Write("new"u8));
        Assert.Equal(EngineFailure.Storage, fault.Reason);
        Assert.Contains(_folder["a"], fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("write")]
    [InlineData("flush")]
    [InlineData("replace")]
    public void What_fails_leaves_the_file_as_it_was_and_nothing_beside_it(string failing)
    {
        File.WriteAllText(_folder["file"], "old");
        WholeFile file = new(_folder["file"], step: step => _ = step == failing ? throw new IOException("no space left") : step);
        Assert.Contains("no space left", Assert.Throws<EngineException>(() => file.Write("new"u8)).Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(Assert.Single(Directory.GetFiles(_folder.Path))));
    }
}
