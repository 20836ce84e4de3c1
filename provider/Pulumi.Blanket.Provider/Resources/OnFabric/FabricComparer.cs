using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Resources.OnFabric;

/// <summary>Whether two connections lead to the same fabric, whatever members it has and at whatever addresses.</summary>
internal static class FabricComparer
{
    // What is not known yet is the same fabric that changes right now; another one is found out before anything is done.
    public static bool AreSame(PropertyValue? old, PropertyValue? @new) => @new is not null && (IdOf(@new) is not { } id || (old is not null && IdOf(old) == id));

    /// <summary>The fabric's id; null where it is not known.</summary>
    public static string? IdOf(PropertyValue connection) => ((connection.Bare as ObjectValue)?["fabricId"]?.Bare as StringValue)?.Text;
}
