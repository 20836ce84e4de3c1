namespace Pulumi.Blanket.Provider.Resources.OnFabric;

/// <summary>The id of something on a fabric: <c>fabric/key</c>.</summary>
internal readonly record struct FabricItemId(string FabricId, string Key)
{
    /// <summary>The id in its parts; an empty fabric where it names none.</summary>
    public static FabricItemId Parse(string id) => id.IndexOf('/') is >= 0 and var slash ? new(id[..slash], id[(slash + 1)..]) : new("", id);

    /// <summary>What stands after the fabric's id in ids that are on it, or that name no fabric.</summary>
    public static IEnumerable<string> KeysOf(IEnumerable<string> ids, string fabricId)
        => ids.Select(Parse).Where(id => id.FabricId == fabricId || id.FabricId.Length == 0).Select(id => id.Key).Distinct();

    public override string ToString() => $"{FabricId}/{Key}";
}
