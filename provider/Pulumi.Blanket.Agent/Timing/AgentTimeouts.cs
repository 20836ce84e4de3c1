using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Agent.Timing;

/// <summary>The agent's intervals and timeouts, all of them monotonic. Tests shorten them, by <see cref="AgentTimeoutsFile"/> in the real agent; whoever is given one does not change it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AgentTimeouts
{
    /// <summary>Until a background loop tries again after its first failure; doubles with each further one. Default: 1 s.</summary>
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>What the interval after failures grows to. Default: 30 s.</summary>
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The same for a move, whose guest may stand still meanwhile. Default: 2 s.</summary>
    public TimeSpan LongestMoveRetry { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Until a loop's failure is logged again with the same message; doubles with each line. Default: 1 min.</summary>
    public TimeSpan FirstRepeatedLine { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What that interval grows to. Default: 1 h.</summary>
    public TimeSpan LongestRepeatedLine { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Until a member that has just come up asks others for newer facts again; doubles with each round. Default: 1 s.</summary>
    public TimeSpan FirstSync { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>What that interval grows to: the round in which what others changed on the host is put right. Default: 20 s.</summary>
    public TimeSpan LongestSync { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Until mesh and networks are made true again as a whole, though nothing is known to have changed. Default: 1 h.</summary>
    public TimeSpan WholeSync { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Between two rounds over the member's images. Default: 30 s.</summary>
    public TimeSpan ImageRound { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two tries to see a move through that nobody else does. Default: 1 s.</summary>
    public TimeSpan MoveRound { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two tries to start VMs after the host's start, where some did not start. Default: 2 s.</summary>
    public TimeSpan StartRound { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Between two looks at the room that the host has for disks, which the fabric is told when it changed. Default: 2 s.</summary>
    public TimeSpan RoomRound { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long it may take until the fabric knows that a disk has room again: who is refused for that is refused after this. Default: 5 s.</summary>
    public TimeSpan RoomNews { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks whether memory can be given back. Default: 10 s.</summary>
    public TimeSpan MemoryRound { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>For work that its caller is not needed for, when the agent is told to stop. systemd kills after ten minutes. Default: 9 min.</summary>
    public TimeSpan Stop { get; set; } = TimeSpan.FromMinutes(9);

    /// <summary>For the answer of another member to a short question. Default: 5 s.</summary>
    public TimeSpan PeerCall { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For the target's answer to what became of a move, which it acts on first. Default: 20 s.</summary>
    public TimeSpan Conclusion { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>For a member to give back what it holds of a fabric. Default: 10 min.</summary>
    public TimeSpan Discharge { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Between two tries to cancel a move that was asked for at another member. Default: 1 s.</summary>
    public TimeSpan CancelRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two tries to get room for a move that was yielded to. Default: 1 s.</summary>
    public TimeSpan RoomRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long room at a move's target may stay taken, with no change, before that is an error. Default: 15 s.</summary>
    public TimeSpan Room { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Between two looks for room. Default: 0.5 s.</summary>
    public TimeSpan RoomPoll { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>For a member to say which moves wait there. Default: 2 s.</summary>
    public TimeSpan RoomAnswer { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>For a target that stopped answering to come back, before a move of a running VM is told as failed. Default: 30 s.</summary>
    public TimeSpan TargetReturn { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two tries to reach that target. Default: 1 s.</summary>
    public TimeSpan TargetReturnPoll { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>For the source's libvirt to say what became of a copy. Default: 60 s.</summary>
    public TimeSpan Decision { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>For a decided move to be closed by the other side, before its caller is told. Default: 4 s.</summary>
    public TimeSpan Closing { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Between two looks at a move that ends. Default: 100 ms.</summary>
    public TimeSpan MovePoll { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>For a post-copy to end whose source is lost, once its memory is no longer pulled. Default: 5 s.</summary>
    public TimeSpan PostCopyEnd { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks at it. Default: 250 ms.</summary>
    public TimeSpan PostCopyPoll { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>For the next bytes of a cold move. Default: 10 s.</summary>
    public TimeSpan FileSilence { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>For an arrived VM to be complete by libvirt's word. Default: 10 s.</summary>
    public TimeSpan Arrival { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two looks at it. Default: 20 ms.</summary>
    public TimeSpan ArrivalPoll { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>For a member to say that it can take VMs of a host that is drained. Default: 2 s.</summary>
    public TimeSpan DrainAnswer { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>For the primary to be reached by a drain. Default: 60 s.</summary>
    public TimeSpan DrainRegistry { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two tries of that. Default: 0.5 s.</summary>
    public TimeSpan DrainPoll { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>For a guest to shut down before the plug is pulled. Default: 60 s.</summary>
    public TimeSpan Shutdown { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Until the power button is pressed again: a guest that is only just starting does not notice it. Default: 10 s.</summary>
    public TimeSpan PowerButton { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two looks whether a guest has shut down. Default: 200 ms.</summary>
    public TimeSpan PowerPoll { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>For a guest to give a device back. Default: 20 s.</summary>
    public TimeSpan Detach { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Between two looks whether it did. Default: 100 ms.</summary>
    public TimeSpan DetachPoll { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>For another installation or removal of the agent on the host to end. Default: 2 min.</summary>
    public TimeSpan InstallationLock { get; set; } = TimeSpan.FromMinutes(2);
}
