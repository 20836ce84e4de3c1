using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>Disk images, by <c>qemu-img</c>. What it makes stands whole under its name, on the disk, or not at all.</summary>
internal static class QemuImage
{
    /// <summary>"QFI" and 0xfb, with which every qcow2 image begins; its virtual size stands at byte 24 (docs/interop/qcow2.txt of QEMU).</summary>
    private const int HeaderBytes = 32;
    private const int SizeOffset = 24;

    /// <summary>SIGXFSZ: what it writes would be larger than it may be. Where that signal is ignored, as programs of .NET hand it on, the write fails instead.</summary>
    private const int TooLarge = 128 + 25;

    private const int ShownCharacters = 300;

    /// <summary>A disk of ours is grown without a look at what it is laid over: its guest's QEMU has had it, and may have written another name there.</summary>
    private const string TargetAlone = $$"""json:{"driver":"qcow2","file":{"driver":"file","filename":"{{Sandbox.Target}}"},"backing":null}""";

    /// <summary>What an image that somebody else made is.</summary>
    /// <param name="format">What it is said to be: it is read as that and nothing else.</param>
    /// <returns>Its virtual size in bytes.</returns>
    /// <exception cref="AgentException">It is not, or it draws on other files, which an image from elsewhere must not: those would be the host's.</exception>
    public static async Task<long> InspectAsync(string path, string format, CancellationToken cancellationToken)
    {
        var shape = ImageHeader.Read(path, format);
        if (format == "raw")
        {
            return shape.VirtualSizeBytes; // any bytes are
        }

        // Its header is sound. Whether the rest is what QEMU takes, QEMU tells.
        var outcome = await RunAsync(["info", "--output=json", "-f", format, Sandbox.Source], path, null, fileBytes: 0, AgentTimeouts.OfProcess.ImageInspection, cancellationToken);
        if (!outcome.Succeeded)
        {
            throw new AgentException(AgentFault.NotPossible, $"the image can't be read as {format}: {Complaint(outcome)}; set its `format` right, or get a sound copy of it");
        }

        return SizeFrom(outcome.Output) is { } size && size == shape.VirtualSizeBytes
            ? size
            : throw new AgentException(AgentFault.NotPossible, $"the image can't be read as {format}: its header tells another size than QEMU does; set its `format` right, or get a sound copy of it");
    }

    /// <summary>Makes a qcow2 image of an image in another format that was inspected.</summary>
    /// <param name="sizeBytes">The virtual size that it has.</param>
    /// <param name="mostBytes">That the new file may take.</param>
    /// <exception cref="AgentException">There is not so much room, or it is damaged.</exception>
    public static async Task ConvertAsync(string source, string format, string target, long sizeBytes, long mostBytes, CancellationToken cancellationToken)
        => await MakeAsync(target, async temporary =>
        {
            var outcome = await RunAsync(["convert", "-f", format, "-O", "qcow2", Sandbox.Source, Sandbox.Target], source, temporary, mostBytes, AgentTimeouts.OfProcess.ImageConversion, cancellationToken);
            if (outcome.ExitCode == TooLarge || outcome.Error.Contains("File too large", StringComparison.Ordinal) || outcome.Error.Contains("No space left", StringComparison.Ordinal))
            {
                throw new AgentException(AgentFault.NoRoom, $"the image has no room on this host once it is converted: more than the {mostBytes >> 20} MiB that are neither promised to virtual machines nor kept in reserve");
            }

            if (!outcome.Succeeded)
            {
                throw new AgentException(AgentFault.NotPossible, $"the image can't be converted from {format}: {Complaint(outcome)}; get a sound copy of it");
            }

            // What comes out of the sandbox is as little to be trusted as what went in.
            if (ImageHeader.Read(temporary, "qcow2").VirtualSizeBytes != sizeBytes)
            {
                throw new AgentException(AgentFault.NotPossible, $"the image can't be converted from {format}: its size has changed on the way; get a sound copy of it");
            }
        });

    /// <summary>A blank disk, or one that is laid over another image. That one is not opened: whoever calls knows how large it is.</summary>
    public static async Task CreateAsync(string path, long sizeBytes, string? basePath, string? baseFormat, CancellationToken cancellationToken)
        => await MakeAsync(path, temporary => Command.RunOrThrowAsync(
            Program(),
            ["create", "-q", "-f", "qcow2", .. basePath is null ? Array.Empty<string>() : ["-u", "-b", basePath, "-F", baseFormat!], temporary, sizeBytes.ToString(CultureInfo.InvariantCulture)],
            timeout: AgentTimeouts.OfProcess.ImageConversion, cancellationToken: cancellationToken));

    /// <summary>Grows a disk that nobody uses.</summary>
    public static async Task GrowAsync(string path, long sizeBytes, CancellationToken cancellationToken)
    {
        if (ReadSize(path) < sizeBytes)
        {
            var outcome = await RunAsync(["resize", "-q", TargetAlone, sizeBytes.ToString(CultureInfo.InvariantCulture)], null, path, long.MaxValue, AgentTimeouts.OfProcess.ImageConversion, cancellationToken);
            if (!outcome.Succeeded)
            {
                throw new AgentException(AgentFault.NotPossible, $"the disk {path} could not be grown to {sizeBytes} bytes: {Complaint(outcome)}");
            }
        }
    }

    /// <summary>The virtual size of a qcow2 disk of ours, in bytes; null where it is not there or is none.</summary>
    public static long? ReadSize(string path)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        try
        {
            using var file = File.OpenHandle(path, options: FileOptions.None, share: FileShare.ReadWrite);
            return RandomAccess.Read(file, header, 0) == HeaderBytes && BinaryPrimitives.ReadUInt32BigEndian(header) == Qcow2Header.Magic
                ? BinaryPrimitives.ReadInt64BigEndian(header[SizeOffset..])
                : null;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static async Task MakeAsync(string path, Func<string, Task> make)
    {
        var temporary = $"{path}.new";
        File.Delete(temporary);
        try
        {
            // It is nobody else's from its first moment on; qemu-img takes what is there.
            await using (new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = DurableFile.Private }))
            {
                // Empty.
            }

            await make(temporary);
            DurableFile.Publish(temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static Task<CommandOutcome> RunAsync(IReadOnlyList<string> arguments, string? source, string? target, long fileBytes, TimeSpan timeout, CancellationToken cancellationToken)
        => Sandbox.RunAsync(Program(), arguments, source, target, new SandboxLimits(SandboxLimits.DefaultMemoryBytes, timeout, fileBytes, timeout), cancellationToken);

    private static string Program()
        => Command.Find("qemu-img") ?? throw new AgentException(AgentFault.NotPossible, "this host has no qemu-img; install it there (Debian: the package qemu-utils), or run the update of its Host resource");

    private static long? SizeFrom(string json)
    {
        try
        {
            using var info = JsonDocument.Parse(json);
            return info.RootElement.TryGetProperty("virtual-size", out var size) ? size.GetInt64() : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
        {
            return null; // more than was read of it, or nothing that is understood
        }
    }

    /// <summary>What qemu-img says may have words of whoever made the image in it.</summary>
    private static string Complaint(CommandOutcome outcome)
    {
        var text = new string([.. outcome.Complaint.Replace(Sandbox.Source, "it", StringComparison.Ordinal).Where(static letter => !char.IsControl(letter)).Take(ShownCharacters)]);
        return outcome.Error.Length == 0 && outcome.ExitCode > 128 ? $"qemu-img was ended by signal {outcome.ExitCode - 128}, as it is where it takes too much memory or time" : text;
    }
}
