using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Syntax;

/// <summary>Text, a number, a truth value or null.</summary>
/// <param name="text">As it reads; of quoted and block text, what it stands for.</param>
/// <param name="isPlain">Written without quotes, so that it may be something else than text.</param>
/// <param name="contentOffset">Columns from the node's place to its first character; -1 where characters and columns don't run side by side.</param>
internal sealed class ScalarSyntax(Position position, string text, bool isPlain, int contentOffset) : SyntaxNode(position)
{
    public string Text { get; } = text;

    public PropertyValue Value { get; } = isPlain ? PlainScalar.Read(text) : new StringValue(text);

    public bool IsNull => Value is NullValue;

    public override string Kind => Value switch
    {
        NullValue => "empty",
        BoolValue => "true or false",
        NumberValue => "a number",
        _ => "text",
    };

    /// <summary>The place of a character; of the whole where it can't be told.</summary>
    public Position At(int index) => contentOffset < 0 ? Position : Position with { Column = Position.Column + contentOffset + index };
}
