using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources.Fabric;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Resources.Image;

/// <summary>A disk image, kernel or initrd that members have where a VM needs it; the id is <c>fabric/sha256</c>. See Image.md.</summary>
internal sealed class ImageResource(FabricAccess fabrics) : ResourceOnFabric<ImageInputs, ImageOutputs>("blanket:index:Image", fabrics)
{
    protected override bool FollowsFabric => true;

    protected override JsonTypeInfo<ImageInputs> InputType => ImageJson.Default.ImageInputs;

    protected override JsonTypeInfo<ImageOutputs> OutputType => ImageJson.Default.ImageOutputs;

    /// <summary>Images are large and lines slow.</summary>
    public override TimeSpan DefaultTimeout(OperationKind operation)
        => operation is OperationKind.Create or OperationKind.Update ? TimeSpan.FromHours(2) : base.DefaultTimeout(operation);

    protected override void Check(CheckContext<ImageInputs> check)
    {
        base.Check(check);
        ImageValidation.Check(check);
    }

    protected override void Diff(DiffContext<ImageInputs, ImageOutputs> diff)
    {
        base.Diff(diff);
        if (diff.Outputs.SizeBytes == 0)
        {
            diff.Change(nameof(ImageOutputs.SizeBytes));
        }
    }

    protected override void Preview(PreviewContext<ImageInputs, ImageOutputs> preview)
    {
        if (preview.OldOutputs is { SizeBytes: > 0 })
        {
            preview.Keep(nameof(ImageOutputs.SizeBytes), nameof(ImageOutputs.VirtualSizeBytes));
        }
    }

    protected override async Task<Made<ImageOutputs>> CreateAsync(OperationContext context, ImageInputs inputs, CancellationToken cancellationToken)
    {
        var session = Open(inputs, context);
        var facts = await PutAsync(session, context, inputs, cancellationToken);
        var id = new FabricItemId(session.FabricId, facts.Sha256).ToString();
        try
        {
            return new(id, Outputs(await BringAsync(session, context, inputs, facts, cancellationToken)));
        }
        catch (Exception fault) when (fault is ProviderException or OperationCanceledException)
        {
            // It is registered: the state has to know, so that the next update brings it, or a delete takes it off again.
            throw Partial(
                fault is ProviderException understood ? understood.Reason : FailureReason.Cancelled, id, Outputs(null),
                fault is ProviderException ? fault.Message : $"bringing the image {inputs.Name} was cancelled; the next update carries it on");
        }
    }

    protected override async Task<ImageOutputs> UpdateAsync(OperationContext context, Wish<ImageInputs, ImageOutputs> wish, CancellationToken cancellationToken)
    {
        var session = Open(wish.New, context);
        var facts = await PutAsync(session, context, wish.New, cancellationToken);
        return Outputs(facts.Stored is not null && wish.Outputs.SizeBytes > 0 ? facts.Stored : await BringAsync(session, context, wish.New, facts, cancellationToken));
    }

    protected override Task DeleteAsync(OperationContext context, string id, ImageInputs inputs, ImageOutputs outputs, CancellationToken cancellationToken)
        => Open(inputs, context).ChangeAsync(primary => primary.DropImageAsync(context.Urn, FabricItemId.Parse(id).Key, cancellationToken), cancellationToken);

    protected override async Task<Found<ImageInputs, ImageOutputs>?> LookAsync(
        FabricSession session, OperationContext context, string id, ImageInputs inputs, ImageOutputs outputs, CancellationToken cancellationToken)
    {
        var sha256 = FabricItemId.Parse(id).Key;
        var directory = await session.LookAsync(cancellationToken);
        var facts = directory.FindImage(sha256) is { } told && told.Owners.Contains(context.Urn)
            ? told
            : (await session.AskPrimaryAsync(cancellationToken)).Images.FirstOrDefault(image => image.Sha256 == sha256 && image.Owners.Contains(context.Urn));
        if (facts is null || (facts.Stored is not null && await IsMissingAsync(session, directory, facts, cancellationToken)))
        {
            return null;
        }

        // With several owners the registry has the words of the one that spoke last.
        return new(id, facts.Owners.Count > 1 ? null : Inputs(facts, inputs), Outputs(facts.Stored));
    }

    protected override async Task<Found<ImageInputs, ImageOutputs>?> ImportAsync(
        FabricSession session, OperationContext context, FabricConnection fabric, string key, CancellationToken cancellationToken)
    {
        var images = (await session.AskPrimaryAsync(cancellationToken)).Images;
        return Single(images, key, static image => image.Sha256, static image => image.Name) is { } facts
            ? new(new FabricItemId(session.FabricId, facts.Sha256).ToString(), Inputs(facts, new ImageInputs { Fabric = fabric, Source = "" }), Outputs(facts.Stored))
            : null;
    }

    protected override async Task<IReadOnlyList<Listed>> ListAsync(FabricSession session, CancellationToken cancellationToken)
        => [.. (await session.LookAsync(cancellationToken)).Facts.Images.Select(image => new Listed(new FabricItemId(session.FabricId, image.Sha256).ToString(), image.Name))];

    /// <summary>Whether the member that keeps it says that it has it no more.</summary>
    private static async Task<bool> IsMissingAsync(FabricSession session, FabricDirectory directory, ImageFacts facts, CancellationToken cancellationToken)
        => directory.Find(facts.Home) is { } home && !session.IsLost(home)
            && await session.LookAsync(directory, home, (agent, token) => agent.FindImageAsync(facts.Sha256, token), cancellationToken) is not { Stored: not null };

    private static Task<ImageFacts> PutAsync(FabricSession session, OperationContext context, ImageInputs inputs, CancellationToken cancellationToken)
    {
        PutImageRequest request = new() { Urn = context.Urn, Sha256 = inputs.Sha256, Name = inputs.Name ?? "", Format = ToContract(inputs.Format), Source = ImageUrl.WithoutSecrets(inputs.Source) };
        return session.ChangeAsync(primary => primary.PutImageAsync(request, cancellationToken), cancellationToken);
    }

    /// <summary>Sees to it that the image's home has it whole, and that the registry says so.</summary>
    private static async Task<StoredImage> BringAsync(FabricSession session, OperationContext context, ImageInputs inputs, ImageFacts facts, CancellationToken cancellationToken)
    {
        var home = await session.AgentAsync(facts.Home, cancellationToken);
        ImageProgressLine line = new(context.Log);
        var stored = (await home.FindImageAsync(facts.Sha256, cancellationToken))?.Stored
            ?? (ImageSource.IsUrl(inputs.Source)
                ? await home.FetchImageAsync(facts.Sha256, inputs.Source, line.Show, cancellationToken)
                : await UploadAsync(home, inputs, line, cancellationToken));
        return stored.Equals(facts.Stored)
            ? stored
            : (await session.ChangeAsync(primary => primary.CompleteImageAsync(facts.Sha256, stored, cancellationToken), cancellationToken)).Stored ?? stored;
    }

    private static async Task<StoredImage> UploadAsync(AgentClient home, ImageInputs inputs, ImageProgressLine line, CancellationToken cancellationToken)
    {
        try
        {
            // Anything else than the bytes that Check saw would be refused at the end of the upload.
            if (ImageSource.HashOf(inputs.Source) != inputs.Sha256)
            {
                throw new ProviderException(FailureReason.BadInput, $"the file '{inputs.Source}' has changed since it was checked; run it again");
            }

            await using FileStream content = new(inputs.Source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.Asynchronous);
            return await home.UploadImageAsync(inputs.Sha256, content, line.Show, cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ProviderException(FailureReason.BadInput, $"the file '{inputs.Source}' can't be read: {fault.Message}", fault);
        }
    }

    private static ImageInputs Inputs(ImageFacts facts, ImageInputs given)
        => given with { Name = facts.Name, Source = SourceOf(facts, given.Source), Sha256 = facts.Sha256, Format = FromContract(facts.Format) };

    /// <summary>The fabric has a URL without what lets somebody in; the state has it with that.</summary>
    private static string SourceOf(ImageFacts facts, string given)
        => ImageUrl.WithoutSecrets(given) == ImageUrl.WithoutSecrets(facts.Source) ? given : ImageUrl.WithoutSecrets(facts.Source);

    private static ImageOutputs Outputs(StoredImage? stored) => new() { SizeBytes = stored?.SizeBytes ?? 0, VirtualSizeBytes = stored?.VirtualSizeBytes ?? 0 };

    private static ImageFormat ToContract(ImageKind kind) => kind switch
    {
        ImageKind.Raw => ImageFormat.Raw,
        ImageKind.Vmdk => ImageFormat.Vmdk,
        ImageKind.Vhdx => ImageFormat.Vhdx,
        ImageKind.Kernel => ImageFormat.Kernel,
        ImageKind.Initrd => ImageFormat.Initrd,
        _ => ImageFormat.Qcow2,
    };

    private static ImageKind FromContract(ImageFormat format) => format switch
    {
        ImageFormat.Raw => ImageKind.Raw,
        ImageFormat.Vmdk => ImageKind.Vmdk,
        ImageFormat.Vhdx => ImageKind.Vhdx,
        ImageFormat.Kernel => ImageKind.Kernel,
        ImageFormat.Initrd => ImageKind.Initrd,
        _ => ImageKind.Qcow2,
    };
}
