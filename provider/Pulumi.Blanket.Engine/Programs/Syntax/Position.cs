namespace Pulumi.Blanket.Engine.Programs.Syntax;

/// <summary>A place in a file. Both count from 1.</summary>
internal readonly record struct Position(int Line, int Column) : IComparable<Position>
{
    public int CompareTo(Position other) => Line != other.Line ? Line.CompareTo(other.Line) : Column.CompareTo(other.Column);
}
