using Pulumi.Blanket.Provider.Definitions.Rules;

namespace Pulumi.Blanket.Provider.Resources.OnFabric;

/// <summary>The id of something on a fabric.</summary>
/// <param name="kind">Its type of resource.</param>
/// <param name="key">An expression for what stands after the fabric's id.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FabricItemAttribute(string kind, string key) : PatternAttribute($"[a-z0-9]+/{key}", $"the id of {Article(kind)} {kind}")
{
    public const string Image = "[0-9a-f]{64}";
    public const string Network = "[1-9][0-9]{0,7}";
    public const string Volume = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    private static string Article(string kind) => "AEIOU".Contains(kind[0], StringComparison.Ordinal) ? "an" : "a";
}
