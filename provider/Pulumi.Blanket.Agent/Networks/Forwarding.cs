using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>Whether the host passes packets on, which networks with a way out need. What it was before is what it is afterwards.</summary>
internal static class Forwarding
{
    private static readonly KernelSwitch Switch = new("/proc/sys/net/ipv4/ip_forward", $"{AgentPaths.Runtime}/forwarding-was-off");

    public static void Set(bool isNeeded)
    {
        if (isNeeded)
        {
            Switch.TurnOn();
        }
        else if (Switch.TurnBack())
        {
            MeshInterface.Forward(); // the setting is that of every card, too
        }
    }
}
