using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Resources.OnFabric;

/// <summary>Ids by which inputs name other things on the fabric.</summary>
internal static class FabricItems
{
    /// <summary>Adds a fault where an id is on another fabric than the resource itself.</summary>
    public static void RefuseOtherFabric<TInputs>(CheckContext<TInputs> check, PropertyPath path, string? id, string kind)
        where TInputs : class
    {
        if (id is not null && check.Raw["fabric"] is { } fabric && FabricComparer.IdOf(fabric) is { } own && FabricItemId.Parse(id) is { FabricId.Length: > 0 } item && item.FabricId != own)
        {
            check.Fault(path, $"{path} is '{id}', on the fabric {item.FabricId}, and `fabric` is {own}; give the id of {kind} on {own}");
        }
    }
}
