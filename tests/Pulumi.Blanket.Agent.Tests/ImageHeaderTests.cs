using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Tests.Support;
using Pulumi.Blanket.Files;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>What an image says of itself, read before any other program reads it: whatever names another file, or needs a key, never gets further.</summary>
public sealed class ImageHeaderTests : IDisposable
{
    private const int Size = 4 << 20;

    private static readonly string[] Formats = ["qcow2", "raw", "vmdk", "vhdx"];

    private readonly ImageFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("qcow2", null)]
    [InlineData("qcow2", "compat=0.10")]
    [InlineData("qcow2", "cluster_size=512")]
    [InlineData("qcow2", "cluster_size=2M")]
    [InlineData("qcow2", "extended_l2=on")]
    [InlineData("qcow2", "compression_type=zstd")]
    [InlineData("qcow2", "lazy_refcounts=on,preallocation=metadata")]
    [InlineData("raw", null)]
    [InlineData("vmdk", null)]
    [InlineData("vmdk", "subformat=monolithicSparse,adapter_type=lsilogic,compat6=on")]
    [InlineData("vmdk", "subformat=streamOptimized")]
    [InlineData("vhdx", null)]
    [InlineData("vhdx", "subformat=fixed")]
    [InlineData("vhdx", "block_size=1M")]
    public void WhatStandsOnItsOwnIsReadAsItIs(string format, string? options)
        => Assert.Equal(Size, ImageHeader.Read(_files.Make("sound", format, options), format).VirtualSizeBytes);

    [Fact]
    public void AnOddRawDiskHasWholeSectors() => Assert.Equal(1024, ImageHeader.Read(_files.Write("odd", new string('x', 513)), "raw").VirtualSizeBytes);

    [Fact]
    public void SnapshotsAndBitmapsNameNoOtherFile()
    {
        var path = _files.Make("rich", "qcow2");
        _files.Run("snapshot", "-c", "first", path);
        _files.Run("bitmap", "--add", path, "changes");
        Assert.Equal(Size, ImageHeader.Read(path, "qcow2").VirtualSizeBytes);
    }

    [Fact]
    public void ABackingFileIsRefused()
    {
        foreach (var name in new[] { "/etc/shadow", "json:{\"driver\":\"nbd\",\"host\":\"10.0.0.1\"}", "nbd://10.0.0.1/x", "ssh://root@10.0.0.1/etc/shadow", "fat:/etc", "image-of-another" })
        {
            var path = _files.PathOf("backed");
            _files.Run("create", "-q", "-f", "qcow2", "-u", "-b", name, "-F", "raw", path, "1M");
            Assert.Contains("another file", Refused(path, "qcow2"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ABackingFileIsRefusedInEveryField()
    {
        var sound = File.ReadAllBytes(_files.Make("sound", "qcow2"));
        foreach (var change in new Action<byte[]>[] { bytes => bytes[15] = 1, bytes => bytes[19] = 1 })
        {
            var bytes = (byte[])sound.Clone();
            change(bytes);
            Assert.Contains("another file", Refused(bytes, "qcow2"), StringComparison.Ordinal);
        }

        Assert.Contains("another file", Refused(WithExtension(sound, 0xe2792aca, "raw"), "qcow2"), StringComparison.Ordinal);
        Assert.Contains("another file", Refused(WithExtension(sound, 0x44415441, "/etc/shadow"), "qcow2"), StringComparison.Ordinal);
        Assert.Contains("no key can be given here", Refused(WithExtension(sound, 0x0537be77, "0123456789abcdef"), "qcow2"), StringComparison.Ordinal);
        Assert.Contains("not known", Refused(WithExtension(sound, 0x12345678, "?"), "qcow2"), StringComparison.Ordinal);
    }

    [Fact]
    public void ADataFileIsRefused()
    {
        var path = _files.PathOf("split");
        _files.Run("create", "-q", "-f", "qcow2", "-o", $"data_file={_files.PathOf("data")},data_file_raw=on", path, "1M");
        Assert.Contains("another file", Refused(path, "qcow2"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10")]
    [InlineData("encrypt.format=aes,encrypt.key-secret=key")]
    public void AnEncryptedImageIsRefused(string options)
    {
        var path = _files.PathOf("locked");
        _files.Run("create", "-q", "-f", "qcow2", "--object", "secret,id=key,data=secret", "-o", options, path, "1M");
        Assert.Contains("no key can be given here", Refused(path, "qcow2"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("monolithicFlat")]
    [InlineData("twoGbMaxExtentFlat")]
    [InlineData("twoGbMaxExtentSparse")]
    public void AVmdkOfSeveralFilesIsRefused(string kind)
    {
        _files.Run("create", "-q", "-f", "vmdk", "-o", $"subformat={kind}", "disk.vmdk", "4M");
        foreach (var path in Directory.EnumerateFiles(_files.Folder, "disk*").Where(path => new FileInfo(path).Length < 1 << 20))
        {
            Assert.Contains("another file", Refused(path, "vmdk"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("RW 8 FLAT \"/etc/shadow\" 0", "monolithicFlat")]
    [InlineData("RW 8 VMFS \"/etc/shadow\" 0", "vmfs")]
    [InlineData("RW 8 VMFSSPARSE \"/etc/shadow\"", "vmfsSparse")]
    [InlineData("RW 8 SESPARSE \"/etc/shadow\"", "seSparse")]
    [InlineData("RW 8 SPARSE \"/etc/shadow\"", "monolithicSparse")]
    [InlineData("RW 8 FLAT \"json:{\\\"driver\\\":\\\"nbd\\\"}\" 0", "custom")]
    public void ADescriptorAloneIsRefused(string extent, string kind)
        => Assert.Contains("another file", Refused(_files.Write("evil.vmdk", $"# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType=\"{kind}\"\n{extent}\n"), "vmdk"), StringComparison.Ordinal);

    [Fact]
    public void ADescriptorInsideAHeaderIsRefused()
    {
        var sound = File.ReadAllBytes(_files.Make("sound", "vmdk"));
        var text = Encoding.Latin1.GetString(sound, 512, 20 * 512);

        // QEMU takes the descriptor's extents where the header's capacity is 0.
        var hollow = (byte[])sound.Clone();
        hollow.AsSpan(12, 8).Clear();
        Assert.Contains("another file", Refused(hollow, "vmdk"), StringComparison.Ordinal);
        foreach (var (from, to) in new[]
        {
            ("monolithicSparse", "monolithicFlat"), ("parentCID=ffffffff", "parentCID=12345678"), ("parentCID=ffffffff", "parentFileNameHint=\"/etc/shadow\"\nparentCID=ffffffff"),
            ("SPARSE \"", "FLAT \""), ("# Extent description", "RW 8 FLAT \"/etc/shadow\" 0"),
        })
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            var changed = (byte[])sound.Clone();
            Encoding.Latin1.GetBytes(text.Replace(from, to, StringComparison.Ordinal).PadRight(20 * 512, '\0')[..(20 * 512)]).CopyTo(changed, 512);
            Assert.Contains("another file", Refused(changed, "vmdk"), StringComparison.Ordinal);
        }

        // Behind what looks like the descriptor's end QEMU does not look for a parent, but others may.
        var hidden = (byte[])sound.Clone();
        "parentFileNameHint=\"/etc/shadow\""u8.CopyTo(hidden.AsSpan(512 + 5000));
        Assert.Contains("another file", Refused(hidden, "vmdk"), StringComparison.Ordinal);
    }

    [Fact]
    public void AVhdxWithAParentIsRefused()
    {
        var sound = File.ReadAllBytes(_files.Make("sound", "vhdx"));
        var parameters = IndexOf(sound, new Guid("caa16737-fa36-4d43-b3b6-33f0aa44e76b").ToByteArray());
        var metadata = IndexOf(sound, "metadata"u8);

        var flagged = (byte[])sound.Clone();
        flagged[metadata + BinaryPrimitives.ReadInt32LittleEndian(sound.AsSpan(parameters + 16)) + 4] |= 2;
        Assert.Contains("another file", Refused(flagged, "vhdx"), StringComparison.Ordinal);

        var located = (byte[])sound.Clone();
        new Guid("a8d35f2d-b30b-454d-abf7-d3d84834ab0c").ToByteArray().CopyTo(located, IndexOf(sound, new Guid("beca12ab-b2e6-4523-93ef-c309e000c746").ToByteArray()));
        Assert.Contains("another file", Refused(located, "vhdx"), StringComparison.Ordinal);
    }

    [Fact]
    public void AnImageIsNeverTakenForAnotherFormat()
    {
        foreach (var made in Formats)
        {
            var path = _files.Make($"is-{made}", made);
            foreach (var said in Formats.Where(said => said != made && said != "raw"))
            {
                Assert.Contains("`format`", Refused(path, said), StringComparison.Ordinal);
            }

            // Whatever a raw disk begins with is what its guest sees.
            Assert.Equal((new FileInfo(path).Length + 511) / 512 * 512, ImageHeader.Read(path, "raw").VirtualSizeBytes);
        }
    }

    [Fact]
    public void NothingButARefusalComesOfAnyBytes()
        => Gen.Select(Gen.Byte.Array[0, 2000], Gen.Int[0, Formats.Length - 1]).Sample((bytes, format) => IsUnderstood(bytes, Formats[format]), iter: 10_000);

    [Fact]
    public void NothingButARefusalComesOfAChangedImage()
    {
        foreach (var (format, options) in new[] { ("qcow2", null), ("qcow2", "extended_l2=on"), ("vmdk", null), ("vmdk", "subformat=streamOptimized"), ("vhdx", (string?)null) })
        {
            var sound = File.ReadAllBytes(_files.Make("sound", format, options));

            // Where headers are; a change elsewhere is data. Whole words, since most fields are numbers.
            int[] places = format switch
            {
                "qcow2" => [.. Enumerable.Range(0, 256)],
                "vmdk" => [.. Enumerable.Range(0, 80), .. Enumerable.Range(512, 600), .. Enumerable.Range(sound.Length - 1024, 80)],
                _ => [.. Enumerable.Range(0, 8), .. Enumerable.Range(192 << 10, 96), .. Enumerable.Range(IndexOf(sound, "metadata"u8), 256), .. Enumerable.Range(IndexOf(sound, "metadata"u8) + (64 << 10), 64)],
            };
            var word = Gen.OneOf(Gen.Const(0UL), Gen.Const(ulong.MaxValue), Gen.Const(ulong.MaxValue >> 1), Gen.ULong, Gen.ULong[0, 100_000], Gen.Int[0, 63].Select(bit => 1UL << bit));
            var change = Gen.Select(Gen.Int[0, places.Length - 1], word, Gen.Int[1, 8], Gen.Bool);
            Gen.Select(change.Array[1, 4], Gen.Int[0, 20]).Sample(
                (changes, cut) =>
                {
                    var bytes = (byte[])sound.Clone();
                    foreach (var (place, value, width, big) in changes)
                    {
                        Put(bytes, places[place], value, width, big);
                    }

                    return IsUnderstood(cut < 15 ? bytes : bytes[..(bytes.Length * (cut - 14) / 7)], format);
                },
                iter: 500);
        }
    }

    /// <summary>A size that a disk can have, or a refusal; nothing else, and at once.</summary>
    private static bool IsUnderstood(byte[] bytes, string format)
    {
        try
        {
            return ImageHeader.Read(new MemoryStream(bytes), format).VirtualSizeBytes is > 0 and <= ImageHeader.LargestDisk;
        }
        catch (AgentException fault)
        {
            return fault.Fault == AgentFault.NotPossible;
        }
    }

    private static void Put(byte[] bytes, int place, ulong value, int width, bool big)
    {
        var written = BitConverter.GetBytes(value)[..width];
        if (big)
        {
            Array.Reverse(written);
        }

        written.AsSpan(0, Math.Min(width, bytes.Length - place)).CopyTo(bytes.AsSpan(place));
    }

    private static string Refused(string path, string format) => Assert.Throws<AgentException>(() => ImageHeader.Read(path, format)).Message;

    private static string Refused(byte[] bytes, string format) => Assert.Throws<AgentException>(() => ImageHeader.Read(new MemoryStream(bytes), format)).Message;

    private static int IndexOf(byte[] bytes, ReadOnlySpan<byte> part) => bytes.AsSpan().IndexOf(part) is >= 0 and var at ? at : throw new InvalidOperationException("the image has no such part");

    private static byte[] WithExtension(byte[] image, uint kind, string text)
    {
        var changed = (byte[])image.Clone();
        var at = BinaryPrimitives.ReadInt32BigEndian(changed.AsSpan(100));
        changed.AsSpan(at, 512).Clear();
        BinaryPrimitives.WriteUInt32BigEndian(changed.AsSpan(at), kind);
        BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(at + 4), text.Length);
        Encoding.ASCII.GetBytes(text).CopyTo(changed, at + 8);
        return changed;
    }
}
