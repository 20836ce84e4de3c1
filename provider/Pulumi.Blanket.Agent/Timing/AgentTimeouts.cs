using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Agent.Timing;

/// <summary>The agent's intervals and timeouts, all of them monotonic. Tests shorten them, by <see cref="AgentTimeoutsFile"/> in the real agent; whoever is given one does not change it.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AgentTimeouts
{
    /// <summary>Of this process, for functions that have no clock; set once, at its start.</summary>
    [JsonIgnore]
    public static AgentTimeouts OfProcess { get; set; } = new();

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

    /// <summary>A target whose agent is silent for so long gets a copy's connections reset though its kernel acknowledges: QEMU stops the guest 15 to 25 s after its peer stands still (measured), and libvirt, whose connection goes through that agent, has given up after 8 s. Default: 12 s.</summary>
    public TimeSpan CopySilence { get; set; } = TimeSpan.FromSeconds(12);

    /// <summary>Until a target that is silent is told as slow: a cut would have been found by then. Default: 3.5 s.</summary>
    public TimeSpan CopySlow { get; set; } = TimeSpan.FromSeconds(3.5);

    /// <summary>For a copy's target to answer a ping. Default: 1 s.</summary>
    public TimeSpan CopyPing { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two of those pings. Default: 0.4 s.</summary>
    public TimeSpan CopyPingPause { get; set; } = TimeSpan.FromSeconds(0.4);

    /// <summary>Between two looks at a copy's progress. Default: 0.25 s.</summary>
    public TimeSpan CopyLook { get; set; } = TimeSpan.FromSeconds(0.25);

    /// <summary>The same until a switch to post-copy: the end of the first pass over memory must not be missed, after which a copy could end by itself. Default: 30 ms.</summary>
    public TimeSpan SwitchLook { get; set; } = TimeSpan.FromMilliseconds(30);

    /// <summary>Between two looks whether a copy's QEMU has ended. Default: 10 ms.</summary>
    public TimeSpan EndLook { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>For the target's libvirt to answer before a switch to post-copy. It takes some milliseconds. Default: 1 s.</summary>
    public TimeSpan SwitchReady { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two lines about a copy's progress, each of which stands in a log for good. Default: 2 s.</summary>
    public TimeSpan ProgressLine { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A copy of files that has nothing to send says so after this, for its target's <see cref="FileSilence"/>. Default: 1 s.</summary>
    public TimeSpan FileSign { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>For a move's other member to answer a ping. Default: 2 s.</summary>
    public TimeSpan PeerPing { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Between two of those pings. Default: 0.5 s.</summary>
    public TimeSpan PeerPingPause { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>For a member to answer who looks for members with room, as long as there is a way to it. Default: 10 s.</summary>
    public TimeSpan PeerAnswer { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two looks at the way to one that does not answer; most answer within some milliseconds. Default: 1 s.</summary>
    public TimeSpan PeerInspection { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long it is known who does not answer: many machines are made at once. Default: 5 s.</summary>
    public TimeSpan PeerHealthKept { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For a connection to another member. Default: 5 s.</summary>
    public TimeSpan PeerConnect { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection to another member on which nothing came for so long is asked whether it is there. Default: 10 s.</summary>
    public TimeSpan PeerKeepAlive { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>For that member's kernel to answer, or to take what its agent did not read yet: after this the connection is given up. Default: 15 s.</summary>
    public TimeSpan PeerPathAnswer { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>For its agent to answer, which may be starved. Default: 30 s.</summary>
    public TimeSpan PeerKeepAliveAnswer { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a relayed call waits for a member's agent that is being restarted. Default: 6 s.</summary>
    public TimeSpan RelayRestart { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>Between two tries to relay it. Default: 0.25 s.</summary>
    public TimeSpan RelayRetry { get; set; } = TimeSpan.FromSeconds(0.25);

    /// <summary>For a guest to take a connection, or to refuse it. Default: 8 s.</summary>
    public TimeSpan GuestConnect { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>A connection to a guest on which nothing came for so long is asked whether it is there. Default: 30 s.</summary>
    public TimeSpan GuestSilence { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two of those questions, of which three in vain are the end. Default: 10 s.</summary>
    public TimeSpan GuestAsk { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>For who has a serial console to leave it to another one. Default: 2 s.</summary>
    public TimeSpan ConsoleLeave { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>For the guest that proves KVM. It takes 50 ms; 0.7 s inside an emulated machine, and 5 s inside a busy one (measured). Default: 10 s.</summary>
    public TimeSpan LayerProof { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long who only reads waits for a proof that nobody has made yet. Default: 3 s.</summary>
    public TimeSpan LayerProofGlance { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a proof that was too slow is left alone by those who only read. Default: 5 min.</summary>
    public TimeSpan LayerProofRetry { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>For a server or an upload to send more of an image. Default: 30 s.</summary>
    public TimeSpan ImageSilence { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For <c>qemu-img</c> to convert an image, or to make or grow a disk. Default: 30 min.</summary>
    public TimeSpan ImageConversion { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>For <c>qemu-img</c> to look at an image. Default: 1 min.</summary>
    public TimeSpan ImageInspection { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>For <c>apt-get update</c>. Default: 8 min.</summary>
    public TimeSpan PackageUpdate { get; set; } = TimeSpan.FromMinutes(8);

    /// <summary>For packages to be installed. Default: 20 min.</summary>
    public TimeSpan PackageInstallation { get; set; } = TimeSpan.FromMinutes(20);

    /// <summary>An upload of the agent that nobody added to for so long is given up. Default: 20 s.</summary>
    public TimeSpan StaleUpload { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Between two tries to be the one that installs the agent. Default: 0.1 s.</summary>
    public TimeSpan InstallationPoll { get; set; } = TimeSpan.FromSeconds(0.1);

    /// <summary>For <c>ss</c> to list a copy's connections, or to reset them; QEMU stops its guest over connections that are of no use after 15 s. Default: 4 s.</summary>
    public TimeSpan CopyConnections { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>For <c>ss</c> to tell of the way to a member. Default: 2 s.</summary>
    public TimeSpan PathListing { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A path on which nothing is acknowledged for so long may be cut. Default: 2.5 s.</summary>
    public TimeSpan Acknowledgement { get; set; } = TimeSpan.FromSeconds(2.5);

    /// <summary>The same, whatever the kernel thought of the path before. Default: 6 s.</summary>
    public TimeSpan LongestAcknowledgement { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>A member without an answer and without a connection counts as gone after this. Default: 5 s.</summary>
    public TimeSpan NoConnection { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For the plugin's connection to the agent, on which nothing came for so long, to be asked whether it is there. Default: 5 s.</summary>
    public TimeSpan ClientKeepAlive { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For its answer. Default: 10 s.</summary>
    public TimeSpan ClientKeepAliveAnswer { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The same for connections that other members made. Default: 30 s.</summary>
    public TimeSpan MemberKeepAlive { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For its answer. Default: 2 min.</summary>
    public TimeSpan MemberKeepAliveAnswer { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>For a program of the host, where its caller knows nothing better. Default: 30 s.</summary>
    public TimeSpan Command { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For systemd to start or stop a unit, the agent itself included, which has ten minutes to stop. Default: 11 min.</summary>
    public TimeSpan Systemd { get; set; } = TimeSpan.FromMinutes(11);
}
