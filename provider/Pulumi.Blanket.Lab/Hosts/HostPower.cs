namespace Pulumi.Blanket.Lab.Hosts;

public enum HostPower
{
    Off,
    On,

    /// <summary>On, with all its processes stopped by <see cref="LabHost.FreezeAsync"/>.</summary>
    Frozen,
}
