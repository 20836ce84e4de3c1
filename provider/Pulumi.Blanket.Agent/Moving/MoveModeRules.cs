using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>In which mode a machine moves, and what becomes of it afterwards. Pure.</summary>
internal static class MoveModeRules
{
    /// <param name="state">As it is.</param>
    /// <returns>How it is carried, and what is done with it in the end.</returns>
    public static (MoveMode Mode, MoveEnd End) Of(MachineState state, MoveMode wanted) => (state, wanted) switch
    {
        (MachineState.Stopped or MachineState.Crashed, _) => (MoveMode.Cold, MoveEnd.Off),
        (MachineState.Paused, MoveMode.Cold) => (MoveMode.Cold, MoveEnd.Started),
        (MachineState.Paused, _) => (MoveMode.Suspend, MoveEnd.Paused),
        (_, MoveMode.Cold) => (MoveMode.Cold, MoveEnd.Started),
        (_, MoveMode.Suspend) => (MoveMode.Suspend, MoveEnd.Resumed),
        _ => (MoveMode.Live, MoveEnd.Resumed),
    };

    /// <summary>As users read it.</summary>
    public static string NameOf(MoveOrder order) => order.PostCopy ? "post-copy" : order.Mode.ToString().ToLowerInvariant();
}
