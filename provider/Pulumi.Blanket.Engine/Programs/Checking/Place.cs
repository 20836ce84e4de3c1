using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Checking;

/// <summary>Where a value stands inside of a whole. Becomes text only where there is something to say about it.</summary>
internal sealed class Place(Place? outer, string? name, int index)
{
    public static Place Of(string name) => new(null, name, -1);

    public Place Property(string property) => new(this, property, -1);

    public Place Item(int item) => new(this, null, item);

    public override string ToString() => Path().ToString();

    private PropertyPath Path()
    {
        var path = outer?.Path() ?? PropertyPath.Root;
        return name is null ? path.Item(index) : path.Property(name);
    }
}
