using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>An image that comes from outside the fabric: downloaded, or sent by the plugin; checked, and converted where that has to be.</summary>
internal sealed class IncomingImage(ImageStore store, ImageRoom room, ImageFacts image, Action<ImageProgress> progress)
{
    private const int BufferBytes = 1 << 20;

    public async Task<StoredImage> DownloadAsync(Uri source, CancellationToken cancellationToken)
    {
        await using (ImageFile file = new(ImageStore.IncomingOf(image.Sha256), room, image.Name))
        {
            await file.CatchUpAsync(cancellationToken);
            try
            {
                await DownloadAsync(source, file, cancellationToken);
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested && DownloadFailure.Tell(fault, source) is { } told)
            {
                throw new AgentException(AgentFault.Unavailable,
                    $"the image {image.Name} could not be downloaded from {ImageUrl.WithoutSecrets(source.OriginalString)}: {told}; it goes on from {file.Length >> 20} MiB when it is tried again", fault);
            }
        }

        return await FinishAsync(cancellationToken);
    }

    /// <summary>Checks, converts and keeps what came.</summary>
    public async Task<StoredImage> FinishAsync(CancellationToken cancellationToken)
    {
        var path = ImageStore.IncomingOf(image.Sha256);
        progress(new ImageProgress { Step = $"checking {image.Name}" });
        var (hash, size) = await HashAsync(path, cancellationToken);
        if (hash != image.Sha256)
        {
            File.Delete(path);
            throw new AgentException(AgentFault.NotPossible, $"the image {image.Name} from {ImageUrl.WithoutSecrets(image.Source)} has the SHA-256 {hash}, not {image.Sha256}; set `sha256` right, or see what became of the source");
        }

        try
        {
            return await KeepAsync(path, size, cancellationToken);
        }
        catch (AgentException fault) when (fault.Fault == AgentFault.NotPossible)
        {
            File.Delete(path); // it will never be what it is said to be
            throw;
        }
    }

    private async Task<StoredImage> KeepAsync(string path, long size, CancellationToken cancellationToken)
    {
        StoredImage stored = new() { Sha256 = image.Sha256, SizeBytes = size, SourceSizeBytes = size, Format = image.Format == ImageFormat.Qcow2 ? "qcow2" : "raw" };
        switch (image.Format)
        {
            case ImageFormat.Kernel or ImageFormat.Initrd:
                break;
            case ImageFormat.Qcow2 or ImageFormat.Raw:
                stored.VirtualSizeBytes = await QemuImage.InspectAsync(path, stored.Format, cancellationToken);
                break;
            default:
                progress(new ImageProgress { Step = $"converting {image.Name}" });
                var format = image.Format == ImageFormat.Vmdk ? "vmdk" : "vhdx";
                stored.VirtualSizeBytes = await QemuImage.InspectAsync(path, format, cancellationToken);
                var converted = $"{ImageStore.PathOf(image.Sha256)}.converted";
                using (var hold = room.Take(LargestConverted(stored.VirtualSizeBytes), image.Name))
                {
                    await QemuImage.ConvertAsync(path, format, converted, stored.VirtualSizeBytes, hold.Bytes, cancellationToken);
                }

                File.Delete(path);
                path = converted;
                stored.Format = "qcow2";
                (stored.Sha256, stored.SizeBytes) = await HashAsync(path, cancellationToken);
                break;
        }

        return store.Keep(image.Sha256, path, stored);
    }

    /// <summary>A qcow2 image of a full disk: 8 bytes of tables and 2 of reference counts for each cluster of 64 KiB, and less than 2 MiB for all else.</summary>
    private static long LargestConverted(long virtualSize) => virtualSize + (virtualSize / 4096) + (2 << 20);

    private async Task DownloadAsync(Uri source, ImageFile file, CancellationToken cancellationToken)
    {
        using HttpClient client = new(new SocketsHttpHandler { ConnectTimeout = AgentTimeouts.OfProcess.ImageSilence, AutomaticDecompression = DecompressionMethods.None }) { Timeout = Timeout.InfiniteTimeSpan };
        using HttpRequestMessage request = new(HttpMethod.Get, source);
        if (source.UserInfo.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(source.UserInfo))));
        }

        if (file.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(file.Length, null);
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).WaitAsync(AgentTimeouts.OfProcess.ImageSilence, cancellationToken);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return; // all of it is there
        }

        response.EnsureSuccessStatusCode();
        if (response.StatusCode != HttpStatusCode.PartialContent && file.Length > 0)
        {
            file.Clear(); // the server knows no ranges
        }

        room.Require(response.Content.Headers.ContentLength ?? 0, image.Name);
        var total = file.Length + (response.Content.Headers.ContentLength ?? 0);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[BufferBytes];
        while (await body.ReadAsync(buffer, cancellationToken).AsTask().WaitAsync(AgentTimeouts.OfProcess.ImageSilence, cancellationToken) is > 0 and var count)
        {
            await file.AppendAsync(buffer.AsMemory(0, count));
            progress(new ImageProgress { Step = $"downloading {image.Name}", DoneBytes = file.Length, TotalBytes = total });
        }
    }

    private static async Task<(string Hash, long Size)> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using ImageFile file = new(path);
        await file.CatchUpAsync(cancellationToken);
        return (file.FinishHash(), file.Length);
    }
}
