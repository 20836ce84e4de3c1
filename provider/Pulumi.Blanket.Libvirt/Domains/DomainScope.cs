namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>What a change is made to (<c>virDomainModificationImpact</c>).</summary>
[Flags]
public enum DomainScope : uint
{
    /// <summary>The running domain if it runs, else its definition.</summary>
    Current = 0,

    /// <summary>The running domain.</summary>
    Live = 1 << 0,

    /// <summary>The definition.</summary>
    Config = 1 << 1,

    Both = Live | Config,
}
