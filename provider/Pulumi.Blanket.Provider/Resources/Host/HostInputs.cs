using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;

namespace Pulumi.Blanket.Provider.Resources.Host;

internal sealed record HostInputs
{
    [Description("The host's name, by which VMs choose it; unique in its fabric.")]
    [AutoName]
    [Label]
    public string? Name { get; init; }

    [Description("Name or address of the machine, as it is reached over SSH. A changed address of the same machine is an update that touches no VM.")]
    [HostAddress]
    public required string Address { get; init; }

    [Description("Port of its SSH server.")]
    [DefaultValue(22)]
    [Port]
    public int Port { get; init; }

    [Description("The account to log in as: root, or one that becomes root by `sudo` without a password. Default: the provider's `user`, else `root`.")]
    [Account]
    public string? User { get; init; }

    [Description("Private key to log in with: OpenSSH or PEM format, encrypted or not. Without key and password the provider's are used, and without those the keys of the SSH agent.")]
    [Secret]
    [NotEmpty]
    public string? PrivateKey { get; init; }

    [Description("The password of an encrypted `privateKey`.")]
    [Secret]
    public string? PrivateKeyPassword { get; init; }

    [Description("Password to log in with.")]
    [Secret]
    [NotEmpty]
    public string? Password { get; init; }

    [Description("The public key that the host has to prove itself with, as `ssh-ed25519 AAAA…`. Without it the one that the host shows first is trusted, and expected from then on.")]
    public string? HostKey { get; init; }

    [Description("Machines that SSH goes through on its way to the host, the first one first.")]
    [Items(1, 8)]
    public IReadOnlyList<ProxyJump>? ProxyJump { get; init; }

    [Description("The cloud's id of the machine, or anything else that changes when it is another machine: the host is replaced then, the new one made before the old one is given back.")]
    [Replaces]
    public string? Machine { get; init; }

    [Description("The cloud that the machine is in, such as `aws`. Hosts with a `privateAddress` in the same cloud and region reach each other there.")]
    public string? Cloud { get; init; }

    [Description("The cloud's region.")]
    public string? Region { get; init; }

    [Description("The region's zone.")]
    public string? Zone { get; init; }

    [Description("Names and values of your choice, for placement.")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    [Description("What the machine costs per hour, in the currency of your choice, the same for all hosts.")]
    [Range(0, 1_000_000)]
    public double? PricePerHour { get; init; }

    [Description("The hypervisor.")]
    [DefaultValue(HostLayer.Auto)]
    public HostLayer Layer { get; init; }

    [Description("Whether packages that are missing are installed (by apt). Otherwise their lack is an error that lists them.")]
    [DefaultValue(true)]
    public bool Install { get; init; }

    [Description("Whether the host takes new VMs.")]
    [DefaultValue(true)]
    public bool Schedulable { get; init; }

    [Description("What of the machine may be used.")]
    public HostLimit? Limit { get; init; }

    [Description("How much more may be promised to VMs than there is.")]
    public Oversubscription? Oversubscription { get; init; }

    [Description("Where other members reach the host for the mesh: address, or address and port where a router maps another one. Default: its `address`. `none`: it only dials out, as behind NAT.")]
    [MeshEndpoint]
    public string? MeshEndpoint { get; init; }

    [Description("Its address inside its cloud, used between hosts of one cloud and region.")]
    [IpAddress]
    public string? PrivateAddress { get; init; }
}
