using Google.Protobuf;
using Grpc.Core;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Errors;

namespace Pulumi.Blanket.Provider.Agents;

/// <content>The images on one member.</content>
internal sealed partial class AgentClient
{
    /// <summary>Enough to fill a line, and small enough that .NET does not take each for a large object, here and at the agent.</summary>
    private const int UploadChunkBytes = 64 * 1024;

    private readonly ImageAgent.ImageAgentClient _images = new(channel);

    /// <summary>What this member has of an image.</summary>
    /// <returns>Null where it has nothing.</returns>
    public Task<ImageCopy?> FindImageAsync(string sha256, CancellationToken cancellationToken)
        => FindAsync(options => _images.GetAsync(new ImageRequest { Sha256 = sha256 }, options), cancellationToken);

    /// <summary>Has the member download an image that is registered with an URL.</summary>
    public Task<StoredImage> FetchImageAsync(string sha256, string source, Action<ImageProgress> progress, CancellationToken cancellationToken)
        => FollowAsync(options => _images.Fetch(new ImageRequest { Sha256 = sha256, Source = source }, options), told => See(told, progress), "the download of the image", cancellationToken);

    /// <summary>Brings an image's bytes to the member, from where an upload that was cut had come to.</summary>
    /// <param name="content">Can be sought in.</param>
    public async Task<StoredImage> UploadImageAsync(string sha256, Stream content, Action<ImageProgress> progress, CancellationToken cancellationToken)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<IOException?>? sending = null;
        try
        {
            await PingAsync(cancellationToken);
            using var call = _images.Upload(Options(cut.Token));
            await call.RequestStream.WriteAsync(new UploadRequest { Sha256 = sha256 }, cut.Token);
            await foreach (var told in call.ResponseStream.ReadAllAsync(cut.Token))
            {
                if (told.EventCase == ImageEvent.EventOneofCase.Offset)
                {
                    sending = SendAsync(call.RequestStream, content, told.Offset, progress, cut);
                }
                else if (See(told, progress) is { } stored)
                {
                    return stored;
                }
            }
        }
        catch (RpcException fault)
        {
            throw sending is not null && await sending is { } unreadable
                ? new ProviderException(FailureReason.BadInput, $"the image can't be read to its end: {unreadable.Message}", unreadable)
                : Failure(fault, cancellationToken);
        }
        finally
        {
            // Nobody reads from the content any more once this is left.
            await cut.CancelAsync();
            await (sending ?? Task.FromResult<IOException?>(null));
        }

        throw new ProviderException(FailureReason.Unavailable, $"host {host}: its agent ended the upload of the image without a word; try again");
    }

    /// <returns>Why the content could not be read, after which the call is cancelled. What else fails is told by the call's other direction, better.</returns>
    private static async Task<IOException?> SendAsync(
        IClientStreamWriter<UploadRequest> requests, Stream content, long offset, Action<ImageProgress> progress, CancellationTokenSource cut)
    {
        var buffer = new byte[UploadChunkBytes];
        try
        {
            content.Seek(offset, SeekOrigin.Begin);
            int count;
            while ((count = await content.ReadAsync(buffer, cut.Token)) > 0)
            {
                // Serialised before the call returns, so that the buffer can be used again.
                await requests.WriteAsync(new UploadRequest { Data = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, count)) }, cut.Token);
                progress(new ImageProgress { Step = "uploading", DoneBytes = content.Position, TotalBytes = content.Length });
            }

            await requests.CompleteAsync();
            return null;
        }
        catch (IOException fault)
        {
            await cut.CancelAsync();
            return fault;
        }
        catch (Exception fault) when (fault is RpcException or InvalidOperationException or OperationCanceledException)
        {
            return null;
        }
    }

    private static StoredImage? See(ImageEvent told, Action<ImageProgress> progress)
    {
        if (told.EventCase == ImageEvent.EventOneofCase.Progress)
        {
            progress(told.Progress);
        }

        return told.Stored;
    }
}
