namespace Pulumi.Blanket.Protocol;

/// <summary>Finds what a user may have meant by a name that does not exist.</summary>
public static class NearestName
{
    /// <summary>The name with the fewest edits, if they are few beside its length; null where none is near.</summary>
    public static string? Find(string name, IEnumerable<string> names)
        => name.Length > 100 ? null : names
            .Select(candidate => (Name: candidate, Distance: Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(candidate => candidate.Distance <= Math.Max(1, candidate.Name.Length / 3))
            .OrderBy(candidate => candidate.Distance)
            .Select(candidate => candidate.Name)
            .FirstOrDefault();

    // Edits after Levenshtein, two letters that changed places counted as one: the rows of its table, of which the last three matter.
    private static int Distance(string left, string right)
    {
        int[] before = [];
        var last = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var row = new int[right.Length + 1];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = left[i - 1] == right[j - 1] ? 0 : 1;
                row[j] = Math.Min(last[j - 1] + cost, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }

            (before, last) = (last, row);
        }

        return last[^1];
    }
}
