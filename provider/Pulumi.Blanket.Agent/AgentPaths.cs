namespace Pulumi.Blanket.Agent;

/// <summary>Where everything of ours lies on a host. Nothing else there is ours, but the unit, the account and marked blocks in libvirt's settings.</summary>
internal static class AgentPaths
{
    public const string ProgramFolder = "/usr/local/sbin";

    /// <summary>The program itself.</summary>
    public const string Program = ProgramFolder + "/blanket-agent";

    public const string Unit = "/etc/systemd/system/blanket-agent.service";

    /// <summary>Timeouts that tests shorten; on no host otherwise.</summary>
    public const string Timeouts = "/etc/blanket/timeouts.json";

    /// <summary>Runs WireGuard in user space where the kernel has none; apart from the agent, so that links outlive an upgrade.</summary>
    public const string WireGuardUnit = "/etc/systemd/system/blanket-wireguard.service";

    /// <summary>Runs a network's name server, apart from the agent for the same reason; one for each network.</summary>
    public const string NamesUnit = "/etc/systemd/system/blanket-names@.service";

    /// <summary>What outlives a reboot. Others may pass through it (sshd reads the account's keys as that account) but see nothing secret.</summary>
    public const string State = "/var/lib/blanket";

    public const string HostRecord = State + "/host.json";

    /// <summary>Home of the account.</summary>
    public const string Home = State + "/account";

    /// <summary>The storage pool's folder.</summary>
    public const string Pool = State + "/pool";

    /// <summary>What ends with the boot.</summary>
    public const string Runtime = "/run/blanket";

    public const string Socket = Runtime + "/agent.sock";

    public const string LayerProof = Runtime + "/layer.json";

    public const string WireGuardSettings = Runtime + "/wireguard.conf";

    public static string Fabric(string fabricId) => $"{State}/{fabricId}";
}
