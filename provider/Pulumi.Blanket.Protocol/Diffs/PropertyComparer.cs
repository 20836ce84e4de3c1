using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Protocol.Diffs;

/// <summary>
/// Finds where two objects differ. That a value is secret, or wrapped as an output, is no difference by itself; an unknown new
/// value differs from every known one, since it may.
/// </summary>
public static class PropertyComparer
{
    /// <summary>The differences in the order of their paths; empty when there are none.</summary>
    public static IReadOnlyList<PropertyChange> Compare(ObjectValue old, ObjectValue @new)
    {
        List<PropertyChange> changes = [];
        CompareObjects(old, @new, PropertyPath.Root, changes);
        return changes;
    }

    private static void CompareObjects(ObjectValue old, ObjectValue @new, PropertyPath path, List<PropertyChange> changes)
    {
        foreach (var name in old.Properties.Keys.Union(@new.Properties.Keys).Order(StringComparer.Ordinal))
        {
            Compare(old[name], @new[name], path.Property(name), changes);
        }
    }

    private static void Compare(PropertyValue? old, PropertyValue? @new, PropertyPath path, List<PropertyChange> changes)
    {
        switch (old?.Bare, @new?.Bare)
        {
            case (null, null):
                break;
            case (null, { } added):
                changes.Add(new(path, PropertyChangeKind.Add, null, added));
                break;
            case ({ } removed, null):
                changes.Add(new(path, PropertyChangeKind.Delete, removed, null));
                break;
            case (ObjectValue left, ObjectValue right):
                CompareObjects(left, right, path, changes);
                break;
            case (ArrayValue left, ArrayValue right):
                for (var index = 0; index < Math.Max(left.Items.Length, right.Items.Length); index++)
                {
                    Compare(index < left.Items.Length ? left.Items[index] : null, index < right.Items.Length ? right.Items[index] : null, path.Item(index), changes);
                }

                break;
            case ({ } left, { } right) when right is UnknownValue || !left.Equals(right):
                changes.Add(new(path, PropertyChangeKind.Update, left, right));
                break;
        }
    }
}
