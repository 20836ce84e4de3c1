namespace Pulumi.Blanket.Agent.Journal;

/// <summary>The plugin's operation that the current work belongs to; its messages carry the same id.</summary>
internal static class Operation
{
    private static readonly AsyncLocal<string?> Current = new();

    /// <summary>Empty where the work is the agent's own.</summary>
    public static string Id
    {
        get => Current.Value ?? "";
        set => Current.Value = value;
    }
}
