using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>Disk images, by <c>qemu-img</c>. What it makes stands whole under its name, on the disk, or not at all.</summary>
internal static class QemuImage
{
    private const string Program = "qemu-img";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    /// <summary>"QFI" and 0xfb, with which every qcow2 image begins; its virtual size stands at byte 24 (docs/interop/qcow2.txt of QEMU).</summary>
    private const uint Qcow2Magic = 0x514649fb;
    private const int HeaderBytes = 32;
    private const int SizeOffset = 24;

    /// <summary>What an image that somebody else made is.</summary>
    /// <param name="format">What it is said to be: it is read as that and nothing else.</param>
    /// <exception cref="AgentException">It is not, or it draws on other files, which an image from elsewhere must not: those would be the host's.</exception>
    public static async Task<long> InspectAsync(string path, string format, CancellationToken cancellationToken)
    {
        var outcome = await Command.RunAsync(Program, ["info", "--output=json", "-f", format, path], timeout: Patience, cancellationToken: cancellationToken);
        if (!outcome.Succeeded)
        {
            throw new AgentException(AgentFault.NotPossible, $"the image can't be read as {format}: {outcome.Complaint.Replace(path, "it", StringComparison.Ordinal)}; set its `format` right");
        }

        using var info = JsonDocument.Parse(outcome.Output);
        if (info.RootElement.TryGetProperty("backing-filename", out _) || info.RootElement.TryGetProperty("full-backing-filename", out _)
            || (info.RootElement.TryGetProperty("format-specific", out var specific) && specific.TryGetProperty("data", out var data) && data.TryGetProperty("data-file", out _)))
        {
            throw new AgentException(AgentFault.NotPossible, "the image draws on another file (a backing file, or a data file), which would be one of the host's; flatten it with `qemu-img convert` first");
        }

        return info.RootElement.GetProperty("virtual-size").GetInt64();
    }

    public static async Task ConvertAsync(string source, string format, string target, CancellationToken cancellationToken)
        => await MakeAsync(target, temporary => ["convert", "-f", format, "-O", "qcow2", source, temporary], cancellationToken);

    /// <summary>A blank disk, or one that is laid over another image.</summary>
    /// <param name="sizeBytes">Null: as large as the image below it.</param>
    public static async Task CreateAsync(string path, long? sizeBytes, string? basePath, string? baseFormat, CancellationToken cancellationToken)
        => await MakeAsync(path, temporary =>
        [
            "create", "-q", "-f", "qcow2", .. basePath is null ? Array.Empty<string>() : ["-b", basePath, "-F", baseFormat!], temporary,
            .. sizeBytes is { } size ? new[] { size.ToString(CultureInfo.InvariantCulture) } : [],
        ], cancellationToken);

    /// <summary>Grows a disk that nobody uses.</summary>
    public static async Task GrowAsync(string path, long sizeBytes, CancellationToken cancellationToken)
    {
        if (ReadSize(path) < sizeBytes)
        {
            await Command.RunOrThrowAsync(Program, ["resize", "-q", "-f", "qcow2", path, sizeBytes.ToString(CultureInfo.InvariantCulture)], timeout: Patience, cancellationToken: cancellationToken);
        }
    }

    /// <summary>The virtual size of a qcow2 disk of ours, in bytes; null where it is not there or is none.</summary>
    public static long? ReadSize(string path)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        try
        {
            using var file = File.OpenHandle(path, options: FileOptions.None, share: FileShare.ReadWrite);
            return RandomAccess.Read(file, header, 0) == HeaderBytes && BinaryPrimitives.ReadUInt32BigEndian(header) == Qcow2Magic
                ? BinaryPrimitives.ReadInt64BigEndian(header[SizeOffset..])
                : null;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static async Task MakeAsync(string path, Func<string, IReadOnlyList<string>> arguments, CancellationToken cancellationToken)
    {
        var temporary = $"{path}.new";
        File.Delete(temporary);
        try
        {
            await Command.RunOrThrowAsync(Program, arguments(temporary), timeout: Patience, cancellationToken: cancellationToken);
            DurableFile.Publish(temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
