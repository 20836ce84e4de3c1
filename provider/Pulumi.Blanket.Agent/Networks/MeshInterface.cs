namespace Pulumi.Blanket.Agent.Networks;

/// <summary>The mesh's network interface on a member, as far as networks have to know it.</summary>
internal static class MeshInterface
{
    public const string Name = "blanket0";

    public static bool Exists => Directory.Exists($"/proc/sys/net/ipv4/conf/{Name}");

    /// <summary>For members that have to be relayed; of what arrives on this interface only.</summary>
    public static void Forward()
    {
        if (Exists)
        {
            File.WriteAllText($"/proc/sys/net/ipv4/conf/{Name}/forwarding", "1");
        }
    }
}
