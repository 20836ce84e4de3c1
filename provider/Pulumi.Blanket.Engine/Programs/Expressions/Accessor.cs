using Pulumi.Blanket.Engine.Programs.Syntax;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

/// <summary>A step into a value: by name, or by index.</summary>
internal sealed class Accessor(Position position, string? name, int index)
{
    public Position Position { get; } = position;

    /// <summary>Null for an index.</summary>
    public string? Name { get; } = name;

    public int Index { get; } = index;

    /// <summary>A schema names this property, so that a value without it is null there, and no mistake. Set by the checker.</summary>
    public bool IsDeclared { get; set; }

    public PropertyPath Behind(PropertyPath path) => Name is null ? path.Item(Index) : path.Property(Name);
}
