using System.Threading.Channels;
using Grpc.Core;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>The service <c>ImageAgent</c>.</summary>
[OpenTo(CallerKinds.Root | CallerKinds.Account | CallerKinds.Member)]
internal sealed class ImageService(FabricStore fabrics, ImageStore store, ImageRoom room, ImageJobs jobs, IImageUsers users, FactsCatchUp catchUp) : ImageAgent.ImageAgentBase
{
    public override async Task<ImageCopy> Get(ImageRequest request, ServerCallContext context)
    {
        ImageCopy copy = new();
        if (store.Find(request.Sha256) is { } stored)
        {
            copy.Stored = stored;
        }

        copy.Machines.AddRange(await users.NamesUsingAsync(request.Sha256, context.CancellationToken));
        return copy;
    }

    public override async Task Fetch(ImageRequest request, IServerStreamWriter<ImageEvent> responseStream, ServerCallContext context)
    {
        await KnownAsync(request.Sha256, context.CancellationToken);
        await TellAsync(responseStream, progress => jobs.EnsureAsync(request.Sha256, progress, context.CancellationToken, request.Source), context.CancellationToken);
    }

    public override async Task Upload(IAsyncStreamReader<UploadRequest> requestStream, IServerStreamWriter<ImageEvent> responseStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken) || requestStream.Current.PartCase != UploadRequest.PartOneofCase.Sha256)
        {
            throw new AgentException(AgentFault.BadRequest, "an upload begins with the name of the image");
        }

        var image = await KnownAsync(requestStream.Current.Sha256, context.CancellationToken);
        await TellAsync(responseStream, progress => jobs.ReceiveAsync(image, path => ReceiveAsync(path, image.Name, requestStream, responseStream, context.CancellationToken), progress, context.CancellationToken), context.CancellationToken);
    }

    // Nothing else is written to the stream before the bytes are here: progress begins after them.
    private async Task ReceiveAsync(string path, string name, IAsyncStreamReader<UploadRequest> from, IServerStreamWriter<ImageEvent> to, CancellationToken cancellationToken)
    {
        await using ImageFile file = new(path, room, name);
        await file.CatchUpAsync(cancellationToken);
        await to.WriteAsync(new ImageEvent { Offset = file.Length }, cancellationToken);
        while (await from.MoveNext(cancellationToken))
        {
            await file.AppendAsync(from.Current.Data.Memory);
        }
    }

    private static async Task TellAsync(IServerStreamWriter<ImageEvent> to, Func<Action<ImageProgress>, Task<StoredImage>> work, CancellationToken cancellationToken)
    {
        // The newest is told, not each: a caller that reads slowly holds nothing up.
        var lines = Channel.CreateBounded<ImageProgress>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        var running = work(progress => lines.Writer.TryWrite(progress));
        _ = running.ContinueWith(_ => lines.Writer.Complete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await foreach (var line in lines.Reader.ReadAllAsync(cancellationToken))
        {
            await to.WriteAsync(new ImageEvent { Progress = line }, cancellationToken);
        }

        await to.WriteAsync(new ImageEvent { Stored = await running }, cancellationToken);
    }

    private async Task<ImageFacts> KnownAsync(string sha256, CancellationToken cancellationToken)
        => ImageChange.Find(await catchUp.UntilAsync(fabrics.Current, facts => facts.Images.Any(image => image.Sha256 == sha256), cancellationToken), sha256);
}
