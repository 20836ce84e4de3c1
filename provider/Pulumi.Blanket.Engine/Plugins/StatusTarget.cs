namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>Where a provider publishes the views of the resource that it works on.</summary>
internal sealed record StatusTarget(string Address, string Token)
{
    public static StatusTarget None { get; } = new("", "");
}
