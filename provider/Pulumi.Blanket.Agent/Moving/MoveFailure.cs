namespace Pulumi.Blanket.Agent.Moving;

/// <summary>Why a machine did not get to its target.</summary>
/// <param name="WasSilent">The other side, or this one's libvirtd, did not answer; it may again in a moment, and the move can be tried anew.</param>
/// <param name="TookTooLong">It was not done within the time that the user gave it.</param>
/// <param name="HadNoRoom">Somebody else got the room there first.</param>
/// <param name="WasRefused">The target's libvirt or QEMU can't take over a machine that runs.</param>
/// <param name="MayBeRefused">It is the copy itself that failed, with nobody having ended it: so the target knows more of it.</param>
internal sealed record MoveFailure(string Reason, bool WasSilent = false, bool HadNoRoom = false, bool TookTooLong = false, bool WasRefused = false, bool MayBeRefused = false);
