using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Registry;

/// <summary>Which member keeps an image: another one once that is no member any more. Pure.</summary>
internal static class ImageHomes
{
    public static void Move(FabricFacts facts)
    {
        foreach (var image in facts.Images.Where(image => facts.Members.All(member => member.MachineId != image.Home)))
        {
            image.Home = (facts.Members.FirstOrDefault(member => !member.Departing) ?? facts.Members.FirstOrDefault())?.MachineId ?? "";
        }
    }
}
