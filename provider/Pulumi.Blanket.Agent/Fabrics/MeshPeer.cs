namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>One link of a member: to whom, and whose addresses it reaches over it.</summary>
/// <param name="Endpoint">Address and port; null: the other side dials.</param>
/// <param name="Addresses">Mesh addresses that are reached over this link: the peer's own first, then those that it relays for.</param>
internal sealed record MeshPeer(string MachineId, string PublicKey, string? Endpoint, IReadOnlyList<string> Addresses);
