using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>States as users call them.</summary>
internal static class MachineWords
{
    public static string Of(MachineState state) => state switch
    {
        MachineState.Running => "running",
        MachineState.Paused => "paused",
        MachineState.Crashed => "crashed",
        _ => "stopped",
    };
}
