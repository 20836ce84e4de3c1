using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Registry;

/// <summary>What changes of images make of a fabric's facts. Pure; the facts that are given are changed.</summary>
internal static class ImageChange
{
    /// <param name="home">Machine id of the member that keeps a new image.</param>
    public static ImageFacts Put(FabricFacts facts, PutImageRequest request, string home)
    {
        if (!ImageHash.IsOne(request.Sha256))
        {
            throw new AgentException(AgentFault.BadRequest, $"sha256 is '{request.Sha256}'; it must be {ImageHash.Characters} small hexadecimal digits");
        }

        var image = facts.Images.FirstOrDefault(known => known.Sha256 == request.Sha256);
        if (image is null)
        {
            image = new ImageFacts { Sha256 = request.Sha256, Home = home };
            facts.Images.Add(image);
        }
        else if (image.Format != request.Format)
        {
            throw new AgentException(AgentFault.NotPossible,
                $"the fabric has the image {image.Name} with the same bytes ({image.Sha256[..12]}…) and the format {Name(image.Format)}, not {Name(request.Format)}; an image has one format: set that one");
        }

        if (!image.Owners.Contains(request.Urn))
        {
            image.Owners.Add(request.Urn);
        }

        image.Format = request.Format;
        if (image.Owners[0] == request.Urn)
        {
            // Of the first owner, so that another one's words don't make them look changed.
            image.Name = request.Name;
            image.Source = request.Source;
        }

        RemoveSecrets(facts);

        return image;
    }

    public static ImageFacts Complete(FabricFacts facts, CompleteImageRequest request)
    {
        var image = Find(facts, request.Sha256);
        image.Stored = request.Stored;
        RemoveSecrets(facts);
        return image;
    }

    /// <returns>False where it has no such owner.</returns>
    public static bool Drop(FabricFacts facts, DropImageRequest request)
    {
        var image = facts.Images.FirstOrDefault(known => known.Sha256 == request.Sha256);
        if (image is null || !image.Owners.Contains(request.Urn))
        {
            return false;
        }

        if (image.Owners.Count == 1)
        {
            var users = facts.Machines.Where(machine => machine.Images.Contains(image.Sha256)).Select(machine => machine.Name).ToList();
            if (users.Count > 0)
            {
                throw new AgentException(AgentFault.NotPossible, $"virtual machines use the image {image.Name}: {string.Join(", ", users)}; delete them, or give them another image, first");
            }

            facts.Images.Remove(image);
            return true;
        }

        return image.Owners.Remove(request.Urn);
    }

    public static ImageFacts Find(FabricFacts facts, string sha256)
        => facts.Images.FirstOrDefault(image => image.Sha256 == sha256)
            ?? throw new AgentException(AgentFault.NotPossible, $"the fabric {facts.Settings.Name} has no image {facts.FabricId}/{sha256}; it may have been deleted: run `pulumi refresh`");

    /// <summary>Of all sources: an older plugin sends them, and an older agent has kept them.</summary>
    private static void RemoveSecrets(FabricFacts facts)
    {
        foreach (var image in facts.Images)
        {
            image.Source = ImageUrl.WithoutSecrets(image.Source);
        }
    }

    private static string Name(ImageFormat format) => format.ToString().ToLowerInvariant();
}
