using Google.Protobuf.Reflection;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>
/// Who may call what, said once more and apart from the agent's own declarations. A method of the contract without a row fails a test.
/// </summary>
internal static class AccessTable
{
    private const string Package = "/blanket.agent.";

    /// <summary>Of the host's owner.</summary>
    private static readonly string[] Root =
    [
        "HostAgent/GetFacts", "HostAgent/Adopt", "HostAgent/Release",
        "Membership/Prepare", "Membership/Change", "Membership/TakeOver", "Membership/Apply", "Membership/Export", "Membership/Leave",
        "DrainAgent/Drain", "DrainAgent/Cancel",
    ];

    /// <summary>Of whoever holds the fabric's connection; members may ask it as well.</summary>
    private static readonly string[] Account =
    [
        "FabricAgent/Get", "FabricAgent/Hold", "FabricAgent/Ping",
        "FabricRegistry/Read", "FabricRegistry/PutNetwork", "FabricRegistry/DropNetwork", "FabricRegistry/PutImage", "FabricRegistry/CompleteImage", "FabricRegistry/DropImage",
        "FabricRegistry/ClaimMachine", "FabricRegistry/ClaimVolume", "FabricRegistry/Release",
        "ImageAgent/Get", "ImageAgent/Fetch", "ImageAgent/Upload",
        "VolumeAgent/Create", "VolumeAgent/Get", "VolumeAgent/List", "VolumeAgent/Update", "VolumeAgent/Delete",
        "MachineAgent/Create", "MachineAgent/Get", "MachineAgent/List", "MachineAgent/Update", "MachineAgent/Delete", "MachineAgent/Retire", "MachineAgent/ReadConsole", "MachineAgent/Dial", "MachineAgent/OpenConsole",
        "MoveAgent/Estimate", "MoveAgent/Move", "MoveAgent/Cancel",
    ];

    /// <summary>Of other members alone.</summary>
    private static readonly string[] Member =
    [
        "Peer/Ping", "Peer/Released", "Peer/Discharge", "Peer/ReadImage", "Peer/KeepImage", "Peer/Fetch", "Peer/Offer", "Peer/Announce",
        "MovePeer/Prepare", "MovePeer/JoinLibvirt", "MovePeer/Receive", "MovePeer/Conclude", "MovePeer/Ask", "MovePeer/Inspect", "MovePeer/ListWaiting", "MovePeer/Hold", "MovePeer/Yield", "MovePeer/Settle",
    ];

    public static IEnumerable<string> Paths => Root.Concat(Account).Concat(Member).Select(static row => Package + row);

    public static bool IsOpenToAccount(MethodDescriptor method) => Account.Contains(RowOf(method));

    /// <param name="named">Which members the call's header names: none, itself, another, two, one with a comma, a stranger.</param>
    public static AccessOutcome Expected(MethodDescriptor method, AccessCaller caller, string named)
    {
        var row = RowOf(method);
        var isHere = named is "none" or "itself";
        var isOnMesh = caller is AccessCaller.Member or AccessCaller.Relayed;
        if ((isOnMesh ? Root : Member).Contains(row))
        {
            return AccessOutcome.NoMethod;
        }

        if (!IsOpen(row, caller) || (!isHere && (isOnMesh || !Account.Contains(row))))
        {
            return AccessOutcome.Denied;
        }

        return named switch
        {
            "two" or "one with a comma" => AccessOutcome.NotOneMember,
            "a stranger" => AccessOutcome.NoMember,
            _ => AccessOutcome.Handled,
        };
    }

    private static bool IsOpen(string row, AccessCaller caller) => caller switch
    {
        AccessCaller.Root => Root.Contains(row) || Account.Contains(row),
        AccessCaller.Member => Member.Contains(row) || Account.Contains(row),
        _ => Account.Contains(row),
    };

    private static string RowOf(MethodDescriptor method) => AgentMethods.PathOf(method)[Package.Length..];
}
