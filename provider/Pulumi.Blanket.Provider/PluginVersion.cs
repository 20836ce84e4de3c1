namespace Pulumi.Blanket.Provider;

/// <summary>The plugin's version, three numbers.</summary>
internal static class PluginVersion
{
    public static string Current { get; } = typeof(PluginVersion).Assembly.GetName().Version!.ToString(3);
}
