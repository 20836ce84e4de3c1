namespace Pulumi.Blanket.Agent.Machine;

/// <summary>
/// Lines of ours in a settings file of somebody else's, between two marks, so that they can be changed and taken out again. They stand
/// at the top: of a setting that stands twice libvirt takes the first.
/// </summary>
internal static class MarkedBlock
{
    private const string Begin = "# >>> blanket-agent: written by it, and removed with it";
    private const string End = "# <<< blanket-agent";

    /// <returns>The text with these lines as its block; without a block where there are no lines.</returns>
    public static string Put(string text, IReadOnlyList<string> lines)
    {
        var rest = Remove(text);
        return lines.Count == 0 ? rest : $"{Begin}\n{string.Join('\n', lines)}\n{End}\n{rest}";
    }

    private static string Remove(string text)
    {
        var start = text.IndexOf(Begin, StringComparison.Ordinal);
        var end = start < 0 ? -1 : text.IndexOf(End, start, StringComparison.Ordinal);
        if (end < 0)
        {
            return text;
        }

        end += End.Length;
        return text.Remove(start, (end < text.Length && text[end] == '\n' ? end + 1 : end) - start);
    }
}
