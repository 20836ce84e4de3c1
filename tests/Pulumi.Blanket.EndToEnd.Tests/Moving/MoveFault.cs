namespace Pulumi.Blanket.EndToEnd.Tests.Moving;

/// <summary>What is done to a move.</summary>
internal enum MoveFault
{
    None,
    PluginKilled,
    SourceAgentKilled,
    TargetAgentKilled,
    SourceAgentFrozen,
    TargetAgentFrozen,
    SourceLibvirtKilled,
    TargetLibvirtKilled,
    SourceLibvirtFrozen,
    TargetLibvirtFrozen,
    SourceQemuKilled,
    TargetQemuKilled,
    TargetQemuFrozen,
    LinkCutShortly,
    LinkCutForLong,
    SourceMuted,
    TargetMuted,
    SourceLoginsCut,
    TargetDiskFull,
    GuestShutDown,
    LinkCutAndGuestShutDown,
    SourceHostReset,
    TargetHostReset,
    BothHostsReset,
}
