namespace Pulumi.Blanket.Engine.Programs.Syntax;

/// <summary>A name and what stands behind it.</summary>
internal readonly record struct MappingEntry(string Name, Position NamePosition, SyntaxNode Value);
