namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>That a peer gave newer facts.</summary>
internal sealed class FabricNews
{
    public event Action? Came;

    public void Tell() => Came?.Invoke();
}
