using System.Buffers.Binary;
using System.Text;
using Pulumi.Blanket.Agent.Images;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>A disk that comes from another member lies over its image and over nothing else, by its own header.</summary>
public sealed class Qcow2ChainTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void ADiskOverItsImageOrOverNothingIsTaken()
    {
        Write(backing: "");
        Qcow2Chain.Check(_file, "");
        Qcow2Chain.Check(_file, "/pool/image-a");
        Write(backing: "/pool/image-a");
        Qcow2Chain.Check(_file, "/pool/image-a");
    }

    [Theory]
    [InlineData("/etc/shadow", "/pool/image-a", 3, 0, 0)]
    [InlineData("/pool/image-a", "", 3, 0, 0)]
    [InlineData("json:{}", "", 3, 0, 0)]
    [InlineData("", "", 3, 4, 0)]
    [InlineData("", "", 3, 0, 1)]
    [InlineData("", "", 4, 0, 0)]
    public void OneThatNamesAnotherFileIsRefused(string backing, string expected, int version, int features, int encryption)
    {
        Write(backing, version, features, encryption);
        Assert.Equal(AgentFault.BadRequest, Assert.Throws<AgentException>(() => Qcow2Chain.Check(_file, expected)).Fault);
    }

    [Fact]
    public void WhatIsNoDiskIsRefused()
    {
        File.WriteAllText(_file, "root:x:0:0");
        Assert.Throws<AgentException>(() => Qcow2Chain.Check(_file, ""));
        File.WriteAllBytes(_file, new byte[200]);
        Assert.Throws<AgentException>(() => Qcow2Chain.Check(_file, ""));
    }

    public void Dispose() => File.Delete(_file);

    private void Write(string backing, int version = 3, int features = 0, int encryption = 0)
    {
        const int NameAt = 200;
        var bytes = new byte[1024];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, 0x514649fb);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), version);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), backing.Length > 0 ? NameAt : 0);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(16), backing.Length);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(32), encryption);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(72), features);
        Encoding.UTF8.GetBytes(backing, bytes.AsSpan(NameAt));
        File.WriteAllBytes(_file, bytes);
    }
}
