namespace Pulumi.Blanket.Agent.Registry;

/// <summary>How large packets may be.</summary>
internal static class MeshMtu
{
    /// <summary>WireGuard's 80 bytes (over IPv6) off the smallest usual path between clouds, 1460.</summary>
    public const int Mesh = 1380;

    /// <summary>Of a network over the mesh, at most: VXLAN's 50 bytes over IPv4 (RFC 7348) off that.</summary>
    public const int Overlay = Mesh - 50;
}
