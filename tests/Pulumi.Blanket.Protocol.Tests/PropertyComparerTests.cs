using CsCheck;
using Pulumi.Blanket.Protocol.Diffs;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Protocol.Tests;

public sealed class PropertyComparerTests
{
    [Fact]
    public void An_object_without_unknowns_does_not_differ_from_itself()
        => Values.Objects.Where(value => !value.ContainsUnknown).Sample(value => Assert.Empty(PropertyComparer.Compare(value, value)));

    [Fact]
    public void Each_change_is_told_at_the_deepest_place()
    {
        var old = ObjectValue.Empty
            .With("disks", new ArrayValue([ObjectValue.Empty.With("sizeGiB", 10), ObjectValue.Empty.With("sizeGiB", 20)]))
            .With("labels", ObjectValue.Empty.With("a.b", "x"))
            .With("name", "web")
            .With("password", new SecretValue("one"));
        var @new = ObjectValue.Empty
            .With("disks", new ArrayValue([ObjectValue.Empty.With("sizeGiB", 11)]))
            .With("labels", ObjectValue.Empty.With("a.b", UnknownValue.Text).With("c", "y"))
            .With("name", new OutputValue("web", true, ["urn:x"]))
            .With("password", "two");

        Assert.Equal(
            ["disks[0].sizeGiB Update", "disks[1] Delete", "labels[\"a.b\"] Update", "labels.c Add", "password Update"],
            PropertyComparer.Compare(old, @new).Select(change => $"{change.Path} {change.Kind}"));
    }

    [Fact]
    public void Comparing_the_other_way_round_turns_each_change_round()
        => Gen.Select(Values.Objects, Values.Objects).Where((left, right) => !left.ContainsUnknown && !right.ContainsUnknown).Sample((left, right) =>
        {
            var there = PropertyComparer.Compare(left, right);
            var back = PropertyComparer.Compare(right, left);
            Assert.Equal(there.Select(change => change.Path), back.Select(change => change.Path));
            Assert.Equal(there.Select(change => (change.Old, change.New)), back.Select(change => (change.New, change.Old)));
            Assert.Equal(there.Count == 0, back.Count == 0);
        });
}
