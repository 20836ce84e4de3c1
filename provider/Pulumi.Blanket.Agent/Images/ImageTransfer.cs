using Grpc.Core;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>Copies an image from another member over the mesh; one that was cut goes on where it was.</summary>
internal sealed class ImageTransfer(ImageStore store, PeerChannels peers, Action<ImageProgress> progress)
{
    /// <exception cref="AgentException">The member does not answer, or does not have it whole.</exception>
    public async Task<StoredImage> CopyAsync(FabricFacts facts, Member from, ImageFacts image, StoredImage stored, CancellationToken cancellationToken)
    {
        var path = ImageStore.CopyOf(image.Sha256);
        using ImageFile file = new(path);
        await file.CatchUpAsync(cancellationToken);
        try
        {
            using var call = peers.To(facts, from).ReadImage(new ReadImageRequest { Sha256 = image.Sha256, Offset = file.Length }, cancellationToken: cancellationToken);
            await foreach (var chunk in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                await file.AppendAsync(chunk.Data.Memory, cancellationToken);
                progress(new ImageProgress { Step = $"copying {image.Name} from {from.Settings.Name}", DoneBytes = file.Length, TotalBytes = stored.SizeBytes });
            }
        }
        catch (RpcException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AgentException(AgentFault.Unavailable, $"{from.Settings.Name}: {fault.Status.Detail}", fault);
        }

        if (file.FinishHash() != stored.Sha256)
        {
            file.Dispose();
            File.Delete(path);
            throw new AgentException(AgentFault.Unavailable, $"{from.Settings.Name}: what it sent of the image is damaged");
        }

        file.Dispose();
        return store.Keep(image.Sha256, path, stored);
    }
}
