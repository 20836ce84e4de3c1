namespace Pulumi.Blanket.Engine.States;

/// <summary>How long a resource's operations may take, in seconds; 0 leaves it to the provider.</summary>
public sealed record CustomTimeouts(double Create, double Update, double Delete, double Read = 0)
{
    public static CustomTimeouts None { get; } = new(0, 0, 0);
}
