using Grpc.Core;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>Copies an image from another member over the mesh; one that was cut goes on where it was.</summary>
internal sealed class ImageTransfer(ImageStore store, ImageRoom room, PeerChannels peers, Action<ImageProgress> progress)
{
    /// <exception cref="AgentException">The member does not answer, or does not have it whole.</exception>
    public async Task<StoredImage> CopyAsync(FabricFacts facts, Member from, ImageFacts image, StoredImage stored, CancellationToken cancellationToken)
    {
        var path = ImageStore.CopyOf(image.Sha256);
        await using (ImageFile file = new(path, room, image.Name))
        {
            await file.CatchUpAsync(cancellationToken);
            room.Require(stored.SizeBytes - file.Length, image.Name);
            await CopyAsync(facts, from, image, stored, file, cancellationToken);
            if (file.FinishHash() != stored.Sha256)
            {
                File.Delete(path);
                throw new AgentException(AgentFault.Unavailable, $"{from.Settings.Name}: what it sent of the image is damaged");
            }
        }

        // A member's word is not enough for what QEMU will open.
        if (image.Format is not (ImageFormat.Kernel or ImageFormat.Initrd) || stored.Format != "raw")
        {
            try
            {
                if (ImageHeader.Read(path, stored.Format).VirtualSizeBytes != stored.VirtualSizeBytes)
                {
                    throw new AgentException(AgentFault.NotPossible, "it has another size than the registry says");
                }
            }
            catch (AgentException fault)
            {
                File.Delete(path);
                throw new AgentException(fault.Fault, $"{from.Settings.Name}: what it sent of the image {image.Name} is refused: {fault.Message}", fault);
            }
        }

        return store.Keep(image.Sha256, path, stored);
    }

    private async Task CopyAsync(FabricFacts facts, Member from, ImageFacts image, StoredImage stored, ImageFile to, CancellationToken cancellationToken)
    {
        var step = $"copying {image.Name} from {from.Settings.Name}";
        try
        {
            using var call = peers.To(facts, from).ReadImage(new ReadImageRequest { Sha256 = image.Sha256, Offset = to.Length }, cancellationToken: cancellationToken);
            await foreach (var chunk in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                await to.AppendAsync(chunk.Data.Memory);
                progress(new ImageProgress { Step = step, DoneBytes = to.Length, TotalBytes = stored.SizeBytes });
            }
        }
        catch (RpcException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AgentException(AgentFault.Unavailable, $"{from.Settings.Name}: {fault.Status.Detail}", fault);
        }
    }
}
