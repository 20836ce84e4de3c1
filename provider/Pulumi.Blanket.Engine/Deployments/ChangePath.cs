using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>
/// A path as <c>ignoreChanges</c> and <c>replaceOnChanges</c> have it: a property path in which <c>*</c> stands for any name or index.
/// </summary>
internal sealed class ChangePath
{
    private const string Any = "*";

    private readonly IReadOnlyList<string> _segments;

    private ChangePath(IReadOnlyList<string> segments) => _segments = segments;

    /// <exception cref="ProtocolException">The text is no path.</exception>
    public static ChangePath Parse(string text)
    {
        List<string> segments = [];
        for (var position = 0; position < text.Length;)
        {
            if (text[position] is '.')
            {
                position++;
            }
            else if (text[position] is '[')
            {
                var quoted = position + 1 < text.Length && text[position + 1] == '"';
                var end = text.IndexOf(quoted ? "\"]" : "]", position + 1, StringComparison.Ordinal);
                if (end < 0)
                {
                    throw new ProtocolException(ProtocolFailure.MalformedPath, $"'{text}' is no property path: the bracket at position {position} is not closed");
                }

                segments.Add(text[(position + (quoted ? 2 : 1))..end]);
                position = end + (quoted ? 2 : 1);
            }
            else
            {
                var end = text.AsSpan(position).IndexOfAny('.', '[');
                var name = end < 0 ? text[position..] : text.Substring(position, end);
                segments.Add(name);
                position += name.Length;
            }
        }

        return new ChangePath(segments);
    }

    /// <summary>True where the other path is this one, or leads into it.</summary>
    public bool Covers(ChangePath other)
        => other._segments.Count >= _segments.Count && _segments.Zip(other._segments).All(pair => pair.First == Any || pair.First == pair.Second);

    /// <summary>The new values, with what this path leads to as it was before.</summary>
    public ObjectValue Reset(ObjectValue olds, ObjectValue news) => (ObjectValue)(Reset(olds, news, 0) ?? news);

    private PropertyValue? Reset(PropertyValue? old, PropertyValue? @new, int depth)
    {
        if (depth == _segments.Count)
        {
            return old;
        }

        var segment = _segments[depth];
        switch (old?.Bare, @new?.Bare)
        {
            case (var before, ObjectValue now):
                var olds = before as ObjectValue ?? ObjectValue.Empty;
                foreach (var name in segment == Any ? now.Properties.Keys.Union(olds.Properties.Keys) : [segment])
                {
                    var value = Reset(olds[name], now[name], depth + 1);
                    now = value is null ? now.Without(name) : now.With(name, value);
                }

                return @new is SecretValue ? new SecretValue(now) : now;
            case (ArrayValue before, ArrayValue now):
                var items = now.Items.ToBuilder();
                for (var index = 0; index < Math.Min(items.Count, before.Items.Length); index++)
                {
                    if ((segment == Any || segment == $"{index}") && Reset(before.Items[index], items[index], depth + 1) is { } item)
                    {
                        items[index] = item;
                    }
                }

                return @new is SecretValue ? new SecretValue(new ArrayValue(items.ToImmutable())) : new ArrayValue(items.ToImmutable());
            default:
                return @new;
        }
    }
}
