namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>A domain's state, and why it is in it.</summary>
/// <param name="RawReason">The reason's number, whose meaning depends on the state.</param>
public readonly record struct DomainStatus(DomainState State, int RawReason)
{
    /// <summary>Null unless the domain runs.</summary>
    public RunningReason? RunningReason => State is DomainState.Running ? (RunningReason)RawReason : null;

    /// <summary>Null unless the domain is paused.</summary>
    public PausedReason? PausedReason => State is DomainState.Paused ? (PausedReason)RawReason : null;

    /// <summary>Null unless the domain is off.</summary>
    public ShutOffReason? ShutOffReason => State is DomainState.ShutOff ? (ShutOffReason)RawReason : null;

    public override string ToString() => State switch
    {
        DomainState.Running => $"running ({RunningReason})",
        DomainState.Paused => $"paused ({PausedReason})",
        DomainState.ShutOff => $"shut off ({ShutOffReason})",
        _ => $"{State} ({RawReason})",
    };
}
