using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>Which links a member has. Pure: each member comes to the matching result from the same facts.</summary>
internal sealed record MeshPlan(string Address, int Port, IReadOnlyList<MeshPeer> Peers)
{
    /// <summary>What a member's <c>meshEndpoint</c> says when it can only dial out, as behind NAT.</summary>
    public const string NoEndpoint = "none";

    public static MeshPlan For(FabricFacts facts, string self)
    {
        var me = facts.Members.Single(member => member.MachineId == self);
        var others = facts.Members.Where(member => member.MachineId != self).ToList();

        // Two members that only dial out can't reach each other: the first member that can be dialled passes on what they say.
        var relay = facts.Members.FirstOrDefault(CanBeDialled);
        var relayed = !CanBeDialled(me) && relay is not null ? others.Where(other => !CanBeDialled(other) && !ShareANetwork(me, other)).ToList() : [];
        return new MeshPlan(me.MeshAddress, facts.Settings.MeshPort,
        [
            .. others.Except(relayed).Select(other => new MeshPeer(
                other.MachineId, other.WireguardPublicKey, EndpointOf(me, other, facts.Settings.MeshPort),
                [other.MeshAddress, .. other == relay ? relayed.Select(member => member.MeshAddress) : []])),
        ]);
    }

    private static bool CanBeDialled(Member member) => member.Settings.MeshEndpoint != NoEndpoint;

    private static bool ShareANetwork(Member from, Member to)
        => to.Settings.PrivateAddress.Length > 0 && from.Settings.PrivateAddress.Length > 0 && from.Settings.Cloud == to.Settings.Cloud && from.Settings.Region == to.Settings.Region;

    private static string? EndpointOf(Member from, Member to, int port)
    {
        if (ShareANetwork(from, to))
        {
            return WithPort(to.Settings.PrivateAddress, port);
        }

        return to.Settings.MeshEndpoint switch
        {
            NoEndpoint => null,
            "" => WithPort(to.Settings.Address, port),
            var endpoint => WithPort(endpoint, port),
        };
    }

    /// <summary>An endpoint may name a port of its own, where a router maps another one.</summary>
    private static string WithPort(string endpoint, int port) => endpoint switch
    {
        ['[', ..] => endpoint.EndsWith(']') ? $"{endpoint}:{port}" : endpoint,
        _ when endpoint.Count(character => character == ':') == 1 => endpoint,
        _ when endpoint.Contains(':', StringComparison.Ordinal) => $"[{endpoint}]:{port}",
        _ => $"{endpoint}:{port}",
    };
}
