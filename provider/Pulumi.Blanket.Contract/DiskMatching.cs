namespace Pulumi.Blanket.Contract;

/// <summary>
/// Which disk of a machine's new specification is which one of its old. Plugin and agent have to see it alike, since what has no counterpart is taken away: so it stands here. A disk
/// is what it is made of, the volume or the image or nothing; among those that are made of the same, those of the same size belong together, and the rest in their order.
/// </summary>
/// <param name="Kept">Positions in the old list and in the new one, in the order of the new.</param>
/// <param name="Removed">Positions in the old list.</param>
/// <param name="Added">Positions in the new list.</param>
public sealed record DiskMatching(IReadOnlyList<(int Old, int New)> Kept, IReadOnlyList<int> Removed, IReadOnlyList<int> Added)
{
    public static DiskMatching Of(IReadOnlyList<DiskSpec> old, IReadOnlyList<DiskSpec> @new)
    {
        SortedDictionary<int, int> kept = [];
        SortedSet<int> left = [.. Enumerable.Range(0, old.Count)];
        Pair(static (before, after) => AreMadeOfTheSame(before, after) && before.SizeGib == after.SizeGib);
        Pair(AreMadeOfTheSame);
        return new([.. kept.Select(pair => (pair.Value, pair.Key))], [.. left], [.. Enumerable.Range(0, @new.Count).Where(index => !kept.ContainsKey(index))]);

        void Pair(Func<DiskSpec, DiskSpec, bool> belong)
        {
            for (var index = 0; index < @new.Count; index++)
            {
                if (!kept.ContainsKey(index) && left.FirstOrDefault(candidate => belong(old[candidate], @new[index]), -1) is >= 0 and var counterpart)
                {
                    kept.Add(index, counterpart);
                    left.Remove(counterpart);
                }
            }
        }
    }

    private static bool AreMadeOfTheSame(DiskSpec before, DiskSpec after) => before.Image == after.Image && before.Volume == after.Volume;
}
