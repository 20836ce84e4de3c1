using Pulumi.Blanket.Protocol;

namespace Pulumi.Blanket.Engine.Programs.Checking;

/// <summary>What to do about a name that does not exist.</summary>
internal static class Suggestion
{
    private const int ShownNames = 30;

    /// <summary>The nearest name, or the names there are.</summary>
    /// <param name="whole">What has the names, to begin the sentence that lists them.</param>
    public static string For(string name, IEnumerable<string> names, string whole = "there")
    {
        List<string> candidates = [.. names.Order(StringComparer.Ordinal)];
        return NearestName.Find(name, candidates) is { } nearest ? $"did you mean '{nearest}'?"
            : candidates.Count == 0 ? $"{whole} {(whole == "there" ? "is none" : "has none")}"
            : $"{whole} {(whole == "there" ? "are" : "has")}: {string.Join(", ", candidates.Take(ShownNames))}{(candidates.Count > ShownNames ? ", …" : "")}";
    }
}
