using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>Whether the host passes packets on, which networks with a way out need. What it was before is what it is afterwards.</summary>
internal static class Forwarding
{
    private const string Setting = "/proc/sys/net/ipv4/ip_forward";

    /// <summary>There where it was off before; it ends with the boot, as the setting does.</summary>
    private static string Note => $"{AgentPaths.Runtime}/forwarding-was-off";

    public static void Set(bool isNeeded)
    {
        if (isNeeded && File.ReadAllText(Setting).Trim() == "0")
        {
            DurableFile.Write(Note, "", DurableFile.Private);
            File.WriteAllText(Setting, "1");
        }
        else if (!isNeeded && File.Exists(Note))
        {
            File.WriteAllText(Setting, "0");
            Mesh.Forward(); // the setting is that of every card, too
            File.Delete(Note);
        }
    }
}
