using Google.Protobuf;
using Grpc.Core;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>
/// The images that this member has, in the storage pool, by the SHA-256 of how they came. One is whole once its record is written; what is
/// still coming has another name, and is carried on.
/// </summary>
internal sealed class ImageStore(FabricStore fabrics)
{
    /// <summary>Small enough that .NET does not take each for a large object, which it collects seldom and slowly.</summary>
    private const int ChunkBytes = 64 * 1024;

    private const int ReadBytes = 4 * ChunkBytes;

    public static string PathOf(string sha256) => $"{AgentPaths.Pool}/image-{sha256}";

    /// <summary>Bytes that came so far, of the image as it is outside.</summary>
    public static string IncomingOf(string sha256) => $"{PathOf(sha256)}.incoming";

    /// <summary>Bytes that came so far from another member.</summary>
    public static string CopyOf(string sha256) => $"{PathOf(sha256)}.copy";

    /// <returns>Null where it is not here, or not whole.</returns>
    public StoredImage? Find(string sha256)
        => Folder() is { } folder && ImageHash.IsOne(sha256) && File.Exists(PathOf(sha256)) ? RegistryFile.Read<StoredImage>(Path.Combine(folder, $"{sha256}.json")) : null;

    /// <summary>SHA-256 of all images of which something is here.</summary>
    public static IReadOnlySet<string> List()
        => Directory.Exists(AgentPaths.Pool)
            ? Directory.EnumerateFiles(AgentPaths.Pool, "image-*").Select(path => Path.GetFileName(path)["image-".Length..].Split('.')[0]).Where(ImageHash.IsOne).ToHashSet(StringComparer.Ordinal)
            : [];

    /// <summary>Takes a file that is whole, and renames it.</summary>
    public StoredImage Keep(string sha256, string file, StoredImage stored)
    {
        var folder = Folder() ?? throw new AgentException(AgentFault.NotPossible, "this host is in no fabric any more");
        File.SetUnixFileMode(file, DurableFile.Private); // libvirt gives it to QEMU
        DurableFile.Publish(file, PathOf(sha256));
        DurableFile.MakeFolder(folder, DurableFile.PrivateFolder);
        RegistryFile.Write(Path.Combine(folder, $"{sha256}.json"), stored);
        return stored;
    }

    /// <summary>Removes an image, with all that is coming of it.</summary>
    public void Delete(string sha256)
    {
        if (Folder() is { } folder)
        {
            DurableFile.Delete(Path.Combine(folder, $"{sha256}.json"));
        }

        if (Directory.Exists(AgentPaths.Pool))
        {
            foreach (var file in Directory.EnumerateFiles(AgentPaths.Pool, $"image-{sha256}*"))
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>Sends an image to another member.</summary>
    public async Task SendAsync(string sha256, long offset, IServerStreamWriter<ImageChunk> to, CancellationToken cancellationToken)
    {
        if (Find(sha256) is null)
        {
            throw new RpcException(new Status(StatusCode.NotFound, "this member does not have the image"));
        }

        using var file = File.OpenHandle(PathOf(sha256), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (offset < 0 || offset > RandomAccess.GetLength(file))
        {
            throw new AgentException(AgentFault.BadRequest, $"the image has no byte {offset}");
        }

        // Several chunks at once, in reading and on their way: each step waits for its turn on a busy host.
        var buffer = new byte[ReadBytes];
        while (await RandomAccess.ReadAsync(file, buffer, offset, cancellationToken) is > 0 and var count)
        {
            offset += count;
            for (var sent = 0; sent < count; sent += ChunkBytes)
            {
                // Serialised before the call returns, so that the buffer can be used again.
                var length = Math.Min(ChunkBytes, count - sent);
                to.WriteOptions = sent + length < count ? new WriteOptions(WriteFlags.BufferHint) : null;
                await to.WriteAsync(new ImageChunk { Data = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(sent, length)) }, cancellationToken);
            }
        }
    }

    private string? Folder() => fabrics.Current is { } facts ? $"{AgentPaths.Fabric(facts.FabricId)}/images" : null;
}
