using System.Text;
using Grpc.Core;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>The images of each member. What is downloaded has its URL for bytes.</summary>
internal sealed class FakeImages(FakeFabric.Holder holder) : ImageAgent.ImageAgentBase
{
    public override async Task<ImageCopy> Get(ImageRequest request, ServerCallContext context)
    {
        var member = await holder.Fabric.EnterAsync(context);
        return new ImageCopy { Stored = member.Images.GetValueOrDefault(request.Sha256) };
    }

    public override async Task Fetch(ImageRequest request, IServerStreamWriter<ImageEvent> responseStream, ServerCallContext context)
    {
        var member = await holder.Fabric.EnterAsync(context);
        await responseStream.WriteAsync(new ImageEvent { Progress = new ImageProgress { Step = "downloading", DoneBytes = 1 << 20, TotalBytes = 4 << 20 } });
        var source = holder.Fabric.Facts.Images.Single(image => image.Sha256 == request.Sha256).Source;
        await FinishAsync(member, request.Sha256, Encoding.UTF8.GetBytes(source), responseStream);
    }

    public override async Task Upload(IAsyncStreamReader<UploadRequest> requestStream, IServerStreamWriter<ImageEvent> responseStream, ServerCallContext context)
    {
        var member = await holder.Fabric.EnterAsync(context);
        await requestStream.MoveNext();
        var sha256 = requestStream.Current.Sha256;
        using MemoryStream bytes = new();
        bytes.Write(member.Parts.GetValueOrDefault(sha256, []));
        await responseStream.WriteAsync(new ImageEvent { Offset = bytes.Length });
        while (await requestStream.MoveNext())
        {
            requestStream.Current.Data.WriteTo(bytes);
            member.Parts[sha256] = bytes.ToArray();
            if (holder.Fabric.Fault("Part") is { } cut)
            {
                throw cut;
            }
        }

        await FinishAsync(member, sha256, bytes.ToArray(), responseStream);
    }

    private static async Task FinishAsync(FakeMember member, string sha256, byte[] bytes, IServerStreamWriter<ImageEvent> responseStream)
    {
        var stored = FakeFabric.Stored(bytes);
        if (stored.Sha256 != sha256)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, $"the image has the SHA-256 {stored.Sha256}, and not {sha256}"));
        }

        member.Images[sha256] = stored;
        await responseStream.WriteAsync(new ImageEvent { Stored = stored });
    }
}
