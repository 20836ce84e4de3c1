using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

/// <summary>What a change of a VM's list of disks means for the disks that it has. Pure.</summary>
/// <param name="Kept">Disks that stay, by their positions in the old list and the new one.</param>
/// <param name="Removed">Old disks that are taken out.</param>
/// <param name="Added">New disks.</param>
/// <param name="Exchanged">Disks that are to be made from another image, by positions in the old list and the new one: the VM is another one then.</param>
/// <param name="Open">Positions in the new list of which it is not known what they are made of, with the old disk that each may be; -1: none.</param>
internal sealed record DiskChanges(
    IReadOnlyList<(int Old, int New)> Kept, IReadOnlyList<int> Removed, IReadOnlyList<int> Added, IReadOnlyList<(int Old, int New)> Exchanged, IReadOnlyList<(int Old, int New)> Open)
{
    public static DiskChanges Of(DiskList old, DiskList @new)
    {
        // Matched without those that are not known, and then by their real places again.
        List<int> places = [.. Enumerable.Range(0, @new.Disks.Count).Where(index => !@new.Unknown.Contains(index))];
        var matching = DiskMatching.Of(old.Disks, [.. places.Select(index => @new.Disks[index])]);
        List<int> removed = [.. matching.Removed];
        List<int> added = [.. matching.Added.Select(index => places[index])];
        List<(int Old, int New)> open = [.. @new.Unknown.Order().Select(index => (Take(removed), index))];
        List<(int Old, int New)> exchanged = [.. Pair([.. removed.Where(index => IsOfImage(old.Disks[index]))], [.. added.Where(index => IsOfImage(@new.Disks[index]))])];
        return new(
            [.. matching.Kept.Select(pair => (pair.Old, places[pair.New]))],
            [.. removed.Where(index => !exchanged.Exists(pair => pair.Old == index))],
            [.. added.Where(index => !exchanged.Exists(pair => pair.New == index))],
            exchanged, open);
    }

    private static IEnumerable<(int Old, int New)> Pair(IReadOnlyList<int> old, IReadOnlyList<int> @new) => old.Zip(@new);

    private static int Take(List<int> removed)
    {
        if (removed.Count == 0)
        {
            return -1;
        }

        var first = removed[0];
        removed.RemoveAt(0);
        return first;
    }

    private static bool IsOfImage(DiskSpec disk) => disk.Image.Length > 0;
}
