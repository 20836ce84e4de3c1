using CsCheck;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>Disks are told apart by what they are made of: whatever is written in another order, no disk is taken away for it.</summary>
public sealed class DiskMatchingTests
{
    private static readonly Gen<DiskSpec> Disk = Gen.Select(
        Gen.OneOf("", "image-1", "image-2"), Gen.OneOf("", "", "volume-1", "volume-2"), Gen.Int[0, 3], Gen.OneOf("virtio", "sata"),
        (image, volume, size, bus) => new DiskSpec { Image = volume.Length > 0 ? "" : image, Volume = volume, SizeGib = size, Bus = bus });

    private static readonly Gen<List<DiskSpec>> Disks = Disk.List[0, 6];

    [Fact]
    public void A_permutation_loses_nothing()
        => Disks.SelectMany(disks => Gen.Shuffle(disks.ToArray()).Select(shuffled => (disks, shuffled))).Sample(pair =>
        {
            var matching = DiskMatching.Of(pair.disks, pair.shuffled);
            Assert.Empty(matching.Removed);
            Assert.Empty(matching.Added);
            Assert.All(matching.Kept, kept =>
            {
                Assert.Equal(pair.disks[kept.Old].Image, pair.shuffled[kept.New].Image);
                Assert.Equal(pair.disks[kept.Old].Volume, pair.shuffled[kept.New].Volume);
                Assert.Equal(pair.disks[kept.Old].SizeGib, pair.shuffled[kept.New].SizeGib);
            });
        });

    [Fact]
    public void Every_disk_is_kept_removed_or_added_and_only_once() => Gen.Select(Disks, Disks).Sample((old, @new) =>
    {
        var matching = DiskMatching.Of(old, @new);
        Assert.Equal(Enumerable.Range(0, old.Count), matching.Kept.Select(pair => pair.Old).Concat(matching.Removed).Order());
        Assert.Equal(Enumerable.Range(0, @new.Count), matching.Kept.Select(pair => pair.New).Concat(matching.Added).Order());
        Assert.All(matching.Kept, pair => Assert.Equal((old[pair.Old].Image, old[pair.Old].Volume), (@new[pair.New].Image, @new[pair.New].Volume)));
        Assert.Equal(matching.Kept.Select(pair => pair.New).Order(), matching.Kept.Select(pair => pair.New));
    });

    [Fact]
    public void Nothing_is_removed_that_could_be_kept() => Gen.Select(Disks, Disks).Sample((old, @new) =>
    {
        var matching = DiskMatching.Of(old, @new);
        Assert.DoesNotContain(matching.Removed, removed => matching.Added.Any(added => (old[removed].Image, old[removed].Volume) == (@new[added].Image, @new[added].Volume)));
    });

    [Fact]
    public void A_list_is_what_it_was() => Disks.Sample(disks => Assert.Equal(Enumerable.Range(0, disks.Count).Select(index => (index, index)), DiskMatching.Of(disks, disks).Kept));

    [Fact]
    public void Disks_of_the_same_kind_belong_together_by_their_sizes_first()
    {
        DiskSpec[] old = [new() { SizeGib = 10 }, new() { SizeGib = 20 }];
        Assert.Equal([0], DiskMatching.Of(old, [new() { SizeGib = 20 }]).Removed);
        Assert.Equal([1], DiskMatching.Of(old, [new() { SizeGib = 30 }]).Removed);
    }
}
