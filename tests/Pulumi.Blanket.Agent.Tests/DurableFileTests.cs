using Pulumi.Blanket.Files;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>What is not on the disk is not taken for written.</summary>
public sealed class DurableFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("blanket-files-").FullName;

    private string File1 => Path.Combine(_folder, "record.json");

    [Theory]
    [InlineData("write")]
    [InlineData("flush")]
    [InlineData("replace")]
    public void AFileThatCouldNotBeSyncedIsWhatItWas(string failing)
    {
        DurableFile.Write(File1, "old", DurableFile.Private);
        var synced = 0;
        var fault = Assert.Throws<IOException>(() => DurableFile.Write(File1, "new"u8, DurableFile.Private, step =>
        {
            synced += step == "flush" ? 1 : 0;
            if (step == failing)
            {
                throw new IOException("Input/output error", 5);
            }
        }));
        Assert.Equal(5, fault.HResult);
        Assert.Equal("old", File.ReadAllText(File1));
        Assert.InRange(synced, 0, 1); // a second sync would succeed, and mean nothing
        Assert.Equal([File1], Directory.EnumerateFiles(_folder));

        DurableFile.Write(File1, "newer", DurableFile.Private);
        Assert.Equal("newer", File.ReadAllText(File1));
    }

    [Fact]
    public void AFolderThatCouldNotBeSyncedIsAnError()
    {
        Assert.Throws<IOException>(() => DurableFile.Write(File1, "new"u8, DurableFile.Private, static step =>
        {
            if (step == "flush folder")
            {
                throw new IOException("Input/output error", 5);
            }
        }));
        Assert.Equal(2, Assert.Throws<IOException>(() => DurableFile.SyncFolder(Path.Combine(_folder, "missing"))).HResult);
    }

    [Fact]
    public void TheParentsOfANewFolderAreSynced()
    {
        List<string> synced = [];
        var path = Path.Combine(_folder, "a", "b", "c");
        Folder.Make(path, DurableFile.PrivateFolder, synced.Add);
        Assert.Equal([_folder, Path.Combine(_folder, "a"), Path.Combine(_folder, "a", "b")], synced);
        Assert.Equal(DurableFile.PrivateFolder, File.GetUnixFileMode(path));

        synced.Clear();
        Folder.Make(path, DurableFile.OpenFolder, synced.Add);
        Assert.Empty(synced);
        Assert.Equal(DurableFile.OpenFolder, File.GetUnixFileMode(path));
        Assert.Throws<IOException>(() => Folder.Make(Path.Combine(path, "d"), DurableFile.PrivateFolder, static _ => throw new IOException()));
    }

    [Fact]
    public void WhatIsSoAlreadyIsNotWritten()
    {
        Assert.True(DurableFile.WriteWhereItDiffers(File1, "text", DurableFile.Readable));
        var before = File.GetLastWriteTimeUtc(File1);
        File.SetLastWriteTimeUtc(File1, before - TimeSpan.FromHours(1));
        Assert.False(DurableFile.WriteWhereItDiffers(File1, "text", DurableFile.Readable));
        Assert.Equal(before - TimeSpan.FromHours(1), File.GetLastWriteTimeUtc(File1));
        Assert.True(DurableFile.WriteWhereItDiffers(File1, "text", DurableFile.Private));
        Assert.True(DurableFile.WriteWhereItDiffers(File1, "other", DurableFile.Private));
        File.Delete(File1);
        Assert.True(DurableFile.WriteWhereItDiffers(File1, "other", DurableFile.Private));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
