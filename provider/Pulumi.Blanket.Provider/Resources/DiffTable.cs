using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;

namespace Pulumi.Blanket.Provider.Resources;

/// <summary>How a resource's inputs are compared, where that is not simply by their values. Which of them replace is told by <see cref="ReplacesAttribute"/>.</summary>
internal sealed class DiffTable
{
    private readonly Dictionary<string, Func<PropertyValue?, PropertyValue?, bool>> _same = new(StringComparer.Ordinal);

    /// <summary>A change of this input is no diff.</summary>
    /// <param name="property">The record's name for it (<c>nameof</c>).</param>
    public DiffTable Ignore(string property) => Same(property, static (_, _) => true);

    /// <summary>
    /// An input that can't be read back: it is the same where the old inputs, of an import, have none. The next update stores it.
    /// </summary>
    /// <param name="property">The record's name for it (<c>nameof</c>).</param>
    public DiffTable SameWhenOldIsMissing(string property) => Same(property, static (old, _) => old is null);

    /// <summary>A list or a map: none is the same as an empty one.</summary>
    /// <param name="property">The record's name for it (<c>nameof</c>).</param>
    public DiffTable SameWhenEmpty(string property) => Same(property, static (old, @new) => IsEmpty(old) && IsEmpty(@new));

    /// <summary>A way of its own to see that two values of an input mean the same; where it doesn't, they are compared by value.</summary>
    /// <param name="property">The record's name for it (<c>nameof</c>).</param>
    /// <param name="same">
    /// Gets the old value and the new one, without wrappers around the whole; null is missing. The new one may be unknown, or have unknowns inside.
    /// </param>
    public DiffTable Same(string property, Func<PropertyValue?, PropertyValue?, bool> same)
    {
        _same.Add(JsonNamingPolicy.CamelCase.ConvertName(property), same);
        return this;
    }

    private static bool IsEmpty(PropertyValue? value) => value is null or ArrayValue { Items.IsEmpty: true } or ObjectValue { Properties.IsEmpty: true };

    internal bool IsSame(string name, PropertyValue? old, PropertyValue? @new) => _same.TryGetValue(name, out var same) && same(old?.Bare, @new?.Bare);
}
