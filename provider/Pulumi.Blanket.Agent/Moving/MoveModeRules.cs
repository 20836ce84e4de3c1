using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>In which mode a machine moves, and what becomes of it afterwards. Pure.</summary>
internal static class MoveModeRules
{
    /// <param name="state">As it is.</param>
    /// <param name="wakesUp">It is off, and is to run: from what was in its memory.</param>
    /// <param name="yields">Another one gets its place before it has one at the target.</param>
    /// <returns>How it is carried, what is done with it in the end, and whether it is off meanwhile, so that its files are all that there is to carry.</returns>
    public static (MoveMode Mode, MoveEnd End, bool Offline) Of(MachineState state, MoveMode wanted, bool wakesUp = false, bool yields = false) => (state, wanted) switch
    {
        (MachineState.Stopped or MachineState.Crashed, _) when wakesUp => (MoveMode.Suspend, MoveEnd.Resumed, true),
        (MachineState.Stopped or MachineState.Crashed, _) => (MoveMode.Cold, MoveEnd.Off, true),
        (_, MoveMode.Cold) => (MoveMode.Cold, MoveEnd.Started, true),
        (MachineState.Paused, _) => (MoveMode.Suspend, MoveEnd.Paused, yields),
        (_, MoveMode.Suspend) => (MoveMode.Suspend, MoveEnd.Resumed, yields),
        _ => (MoveMode.Live, MoveEnd.Resumed, false),
    };

    /// <summary>Whether a machine may stand still for the whole of its move, or does so anyway.</summary>
    public static bool MayYield(MachineState state, MoveMode wanted) => state != MachineState.Running || wanted is MoveMode.Suspend or MoveMode.Cold;

    /// <summary>As users read it.</summary>
    public static string NameOf(MoveOrder order) => order.PostCopy ? "post-copy" : order.Mode.ToString().ToLowerInvariant();
}
